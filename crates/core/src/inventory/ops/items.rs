use super::{
    super::{
        InventoryError,
        ledger::Ledger,
        model::{Item, ItemType},
        queries,
    },
    many::{create_items, restore_items},
};
use crate::{
    kernel::{Density, Quantity, Unit, fault::StoreError, ids::ItemId, text::Name},
    outbox::{Event, NewEvent},
    platform::OrgTx,
};
use serde_json::json;

/// An item to be created. Its dimension is that of its unit, for good.
#[derive(Debug, Clone)]
pub struct NewItem {
    pub name: Name,
    pub item_type: ItemType,
    pub unit: &'static Unit,
    pub density: Option<Density>,
    pub category_id: Option<i64>,
    pub global_item_id: Option<i64>,
    pub shelf_life_days: Option<i32>,
    /// Millionths of the base unit.
    pub low_stock_threshold: Option<Quantity>,
    pub is_intermediate: bool,
    pub notes: String,
}

impl NewItem {
    pub fn new(name: Name, item_type: ItemType, unit: &'static Unit) -> Self {
        Self {
            name,
            item_type,
            unit,
            density: None,
            category_id: None,
            global_item_id: None,
            shelf_life_days: None,
            low_stock_threshold: None,
            is_intermediate: false,
            notes: String::new(),
        }
    }
}

/// What may be changed about an item at any time: none of it touches a lot.
#[derive(Debug, Clone)]
pub struct ItemChange {
    pub name: Name,
    pub item_type: ItemType,
    /// Of the item's own dimension.
    pub unit: &'static Unit,
    pub density: Option<Density>,
    pub category_id: Option<i64>,
    pub low_stock_threshold: Option<Quantity>,
    pub shelf_life_days: Option<i32>,
    pub notes: String,
}

/// Creates an item with nothing in stock. Without a density of its own it gets its category's.
#[tracing::instrument(name = "core.inventory.create_item", skip_all, err(level = "debug"))]
pub async fn create_item(tx: &mut OrgTx, new: NewItem) -> Result<ItemId, InventoryError> {
    let created = create_items(tx, vec![new])
        .await
        .map_err(|(_, error)| error)?;
    created.into_iter().next().ok_or(InventoryError::NoItem)
}

/// A new item is told of twice: as one, and as one of its source.
pub(super) fn created(id: ItemId, new: &NewItem) -> Vec<NewEvent> {
    let (source, by_source) = if new.global_item_id.is_some() {
        ("global", Event::InventoryItemGlobalCreated)
    } else {
        ("custom", Event::InventoryItemCustomCreated)
    };
    let properties = json!({
        "item_type": new.item_type,
        "unit": new.unit.name,
        "creation_source": source,
        "global_item_id": new.global_item_id,
        "is_tracked": true,
        "initial_quantity": Quantity::ZERO,
    });
    [Event::InventoryItemCreated, by_source]
        .map(|event| NewEvent::new(event, id.get(), properties.clone()))
        .into()
}

/// The item of that name and type, taken out of the archive if need be, or a new one. A name that
/// another type bears is refused.
pub async fn find_or_create_item(tx: &mut OrgTx, new: NewItem) -> Result<Item, InventoryError> {
    let item_type = new.item_type;
    let found = match queries::item_by_name(tx, new.name.as_str()).await? {
        Some(item) => item,
        None => match create_item(tx, new).await {
            Ok(id) => queries::item(tx, id).await?.ok_or(InventoryError::NoItem)?,
            // Somebody else created it meanwhile, and has committed.
            Err(InventoryError::NameTaken { name }) => queries::item_by_name(tx, &name)
                .await?
                .ok_or(InventoryError::NameTaken { name })?,
            Err(error) => return Err(error),
        },
    };
    if found.item_type != item_type {
        return Err(InventoryError::NameTaken { name: found.name });
    }
    if found.archived_at.is_some() {
        queries::set_archived(tx, vec![found.id], None).await?;
    }
    Ok(Item {
        archived_at: None,
        ..found
    })
}

/// Changes what an item is called and how it is written.
pub async fn update_item(
    tx: &mut OrgTx,
    id: ItemId,
    change: ItemChange,
) -> Result<(), InventoryError> {
    update_item_with(tx, id, |_| Ok(change)).await
}

/// Changes an item by what it is at that moment: nobody else's change comes between the look at it
/// and what is made of it.
#[tracing::instrument(name = "core.inventory.update_item", skip_all)]
pub async fn update_item_with<E: From<InventoryError>>(
    tx: &mut OrgTx,
    id: ItemId,
    change: impl FnOnce(&Item) -> Result<ItemChange, E>,
) -> Result<(), E> {
    let ledger = Ledger::lock(tx, &[id]).await?;
    let item = ledger.item(id)?;
    Ok(set(tx, item, change(item)?).await?)
}

async fn set(tx: &mut OrgTx, item: &Item, change: ItemChange) -> Result<(), InventoryError> {
    let id = item.id;
    if change.unit.dimension != item.dimension {
        return Err(InventoryError::Conversion {
            item: Some(id),
            name: item.name.clone(),
            source: crate::kernel::units::ConversionError::Unsupported {
                from: item.dimension,
                into: change.unit.dimension,
            },
        });
    }
    // A SKU's stock stays a SKU's, and nothing else becomes one.
    if (change.item_type == ItemType::Product) != (item.item_type == ItemType::Product) {
        return Err(InventoryError::WrongKind {
            kind: change.item_type.as_str(),
        });
    }
    let changed = Item {
        name: change.name.as_str().to_owned(),
        item_type: change.item_type,
        unit: change.unit.name.to_owned(),
        density: change.density,
        category_id: change.category_id,
        low_stock_threshold: change.low_stock_threshold,
        shelf_life_days: change.shelf_life_days,
        notes: change.notes,
        ..item.clone()
    };
    queries::update_item(tx, &changed)
        .await
        .map_err(|error| refused(error, &change.name))?;
    Ok(())
}

/// Takes an item without stock out of the lists.
pub async fn archive_item(tx: &mut OrgTx, id: ItemId) -> Result<(), InventoryError> {
    let ledger = Ledger::lock(tx, &[id]).await?;
    let item = ledger.item(id)?;
    if item.quantity.is_positive() {
        let name = item.name.clone();
        return Err(InventoryError::HasStock { name });
    }
    let now = tx.now();
    Ok(queries::set_archived(tx, vec![id], Some(now)).await?)
}

pub async fn restore_item(tx: &mut OrgTx, id: ItemId) -> Result<(), InventoryError> {
    restore_items(tx, vec![id]).await
}

/// What a constraint that refused an item means.
pub(super) fn refused(error: StoreError, name: &Name) -> InventoryError {
    match error.constraint() {
        Some("inventory_items_name_key") => InventoryError::NameTaken {
            name: name.as_str().to_owned(),
        },
        Some("inventory_items_category_id_fkey") => InventoryError::NoCategory,
        Some("inventory_items_global_item_id_fkey") => InventoryError::NoLibraryEntry,
        _ => InventoryError::Store(error),
    }
}
