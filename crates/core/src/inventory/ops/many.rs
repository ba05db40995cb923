//! The verbs of items for whole lists at once.
use super::{
    super::{InventoryError, ledger::Ledger, queries},
    NewItem,
    items::created,
};
use crate::{
    kernel::ids::ItemId,
    organizations::{self, CostingMethod},
    outbox,
    platform::OrgTx,
};
use std::collections::BTreeMap;

/// Creates several items in a constant number of statements. An error says which of them it
/// concerns, counted from zero.
#[tracing::instrument(name = "core.inventory.create_items", skip_all, fields(items = new.len()))]
pub async fn create_items(
    tx: &mut OrgTx,
    new: Vec<NewItem>,
) -> Result<Vec<ItemId>, (usize, InventoryError)> {
    let first = |error: InventoryError| (0, error);
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let usual: BTreeMap<_, _> = queries::categories(tx)
        .await
        .map_err(|e| first(e.into()))?
        .into_iter()
        .map(|category| (category.id, category.default_density))
        .collect();
    let densities = new
        .iter()
        .map(|item| {
            item.density
                .or_else(|| usual.get(&item.category_id?).copied().flatten())
        })
        .collect();
    let method = organizations::costing_method(tx)
        .await
        .map_err(|e| first(e.into()))?;
    let inserted = queries::insert_items(tx, &new, densities, method == CostingMethod::Average)
        .await
        .map_err(|error| {
            first(match error.constraint() {
                Some("inventory_items_category_id_fkey") => InventoryError::NoCategory,
                Some("inventory_items_global_item_id_fkey") => InventoryError::NoLibraryEntry,
                _ => error.into(),
            })
        })?;
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
    Ok(queries::restore_items(tx, ids).await?)
}
