//! The verbs of items for whole lists at once.
use super::{
    super::{InventoryError, ledger::Ledger, queries},
    NewItem,
    items::{created, refused},
};
use crate::{kernel::ids::ItemId, outbox, platform::OrgTx};

/// Creates several items in a constant number of statements. An error says which of them it
/// concerns, counted from zero.
#[tracing::instrument(name = "core.inventory.create_items", skip_all, fields(items = new.len()))]
pub async fn create_items(
    tx: &mut OrgTx,
    new: Vec<NewItem>,
) -> Result<Vec<ItemId>, (usize, InventoryError)> {
    let first = |error: InventoryError| (0, error);
    let Some(head) = new.first() else {
        return Ok(Vec::new());
    };
    let inserted = queries::insert_items(tx, &new)
        .await
        .map_err(|error| first(refused(error, &head.name)))?;
    let mut ids = Vec::with_capacity(new.len());
    let mut events = Vec::with_capacity(new.len());
    for (at, item) in new.iter().enumerate() {
        let id = *inserted.get(item.name.as_str()).ok_or_else(|| {
            let name = item.name.as_str().to_owned();
            (at, InventoryError::NameTaken { name })
        })?;
        events.extend(created(id, item));
        ids.push(id);
    }
    outbox::emit(tx, events)
        .await
        .map_err(|e| first(e.into()))?;
    Ok(ids)
}

/// Takes several items out of the archive.
pub async fn restore_items(tx: &mut OrgTx, ids: Vec<ItemId>) -> Result<(), InventoryError> {
    if ids.is_empty() {
        return Ok(());
    }
    let ledger = Ledger::lock(tx, &ids).await?;
    for id in &ids {
        ledger.item(*id)?;
    }
    Ok(queries::set_archived(tx, ids, None).await?)
}

/// Puts several items, held already and found without stock, into the archive.
pub(crate) async fn archive_items(tx: &mut OrgTx, ids: Vec<ItemId>) -> Result<(), InventoryError> {
    if ids.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    Ok(queries::set_archived(tx, ids, Some(now)).await?)
}
