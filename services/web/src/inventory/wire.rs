//! What `/api/v1` says and hears about stock.
use crate::{
    problem::Problem,
    wire::{self, Patch},
};
use batchtrack_core::{
    inventory::{
        Action, ActionKind, Adjustment, Category, CostEntry, HistoryRow, Item, ItemChange,
        ItemType, Lot, Movement, NewItem, Receipt,
    },
    kernel::{Density, Money, Quantity, ids::ItemId, text::Name},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Something kept in stock.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemOut {
    pub id: i64,
    #[schema(example = "Olive Oil")]
    pub name: String,
    /// `ingredient`, `container`, `packaging`, `consumable` or `product`.
    #[schema(example = "ingredient")]
    pub r#type: &'static str,
    /// What its quantities are written in.
    #[schema(example = "gram")]
    pub unit: String,
    /// `weight`, `volume`, `count`, `length`, `area` or `time`; it never changes.
    #[schema(example = "weight")]
    pub dimension: &'static str,
    /// Grams per millilitre.
    #[schema(example = "0.915")]
    pub density: Option<String>,
    pub category_id: Option<i64>,
    pub global_item_id: Option<i64>,
    /// On hand, in `unit`.
    #[schema(example = "31751.44")]
    pub quantity: String,
    /// On hand, in millionths of the base unit, exactly.
    #[schema(example = "31751440000")]
    pub quantity_base: String,
    /// Of all that is on hand.
    #[schema(example = "310.08")]
    pub value: String,
    /// Average value of one `unit` on hand; `null` with nothing on hand.
    #[schema(example = "0.009766")]
    pub unit_cost: Option<String>,
    /// In `unit`.
    pub low_stock_threshold: Option<String>,
    pub is_low: bool,
    pub shelf_life_days: Option<i32>,
    /// Whether batches make it.
    pub is_intermediate: bool,
    pub notes: String,
    pub archived_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl ItemOut {
    pub(crate) fn of(item: &Item) -> Self {
        Self {
            id: item.id.get(),
            name: item.name.clone(),
            r#type: item.item_type.as_str(),
            unit: item.unit.clone(),
            dimension: item.dimension.as_str(),
            density: item.density.map(|density| density.to_string()),
            category_id: item.category_id,
            global_item_id: item.global_item_id,
            quantity: item.written(item.quantity).to_string(),
            quantity_base: item.quantity.get().to_string(),
            value: item.value.to_string(),
            unit_cost: item.unit_cost().map(|cost| cost.to_string()),
            low_stock_threshold: item
                .low_stock_threshold
                .map(|low| item.written(low).to_string()),
            is_low: item.is_low(),
            shelf_life_days: item.shelf_life_days,
            is_intermediate: item.is_intermediate,
            notes: item.notes.clone(),
            archived_at: item.archived_at,
            created_at: item.created_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ItemsQuery {
    /// 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Part of the name.
    pub search: Option<String>,
    /// `ingredient`, `container`, `packaging`, `consumable` or `product`; all but products when left out.
    #[param(value_type = Option<String>)]
    pub r#type: Option<ItemType>,
    pub category_id: Option<i64>,
    /// Those in the archive instead of those in use.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    pub archived: bool,
    /// Only those at or under their threshold.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    pub low_only: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LotsQuery {
    /// 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Lots that are used up as well.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    pub with_empty: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewItemIn {
    #[schema(example = "Olive Oil")]
    pub name: String,
    /// `ingredient` (when left out), `container`, `packaging` or `consumable`. Products have SKUs.
    #[schema(value_type = Option<String>)]
    pub r#type: Option<ItemType>,
    /// What its quantities are written in; its dimension is the item's for good.
    #[schema(example = "g")]
    pub unit: String,
    /// Grams per millilitre. When left out, that of its category.
    #[schema(value_type = Option<String>, example = "0.915")]
    pub density: Option<Density>,
    pub category_id: Option<i64>,
    pub shelf_life_days: Option<i32>,
    /// In `unit`.
    #[schema(value_type = Option<String>, example = "500")]
    pub low_stock_threshold: Option<Quantity>,
    #[serde(default)]
    pub notes: String,
}

impl NewItemIn {
    pub(super) fn into_domain(self) -> Result<NewItem, Problem> {
        let unit = wire::unit(&self.unit)?;
        let name = wire::name("name", &self.name)?;
        let low = self
            .low_stock_threshold
            .map(|low| wire::threshold(low, unit));
        Ok(NewItem {
            density: self.density,
            category_id: self.category_id,
            shelf_life_days: shelf_life(self.shelf_life_days)?,
            low_stock_threshold: low.transpose()?,
            notes: wire::note("notes", &self.notes)?,
            ..NewItem::new(
                name,
                not_product(self.r#type.unwrap_or(ItemType::Ingredient))?,
                unit,
            )
        })
    }
}

/// Stock of products belongs to SKUs, which are made with their product.
fn not_product(item_type: ItemType) -> Result<ItemType, Problem> {
    if item_type == ItemType::Product {
        let detail =
            "Stock of products belongs to SKUs. Create the product instead, or a SKU of it.";
        return Err(Problem::invalid("inventory.product_type", detail).field("type", detail));
    }
    Ok(item_type)
}

fn shelf_life(days: Option<i32>) -> Result<Option<i32>, Problem> {
    const MOST: i32 = 36_500;
    if days.is_some_and(|days| !(1..=MOST).contains(&days)) {
        let detail = format!("The shelf life lies between 1 and {MOST} days.");
        return Err(Problem::invalid("inventory.bad_shelf_life", detail.clone())
            .field("shelf_life_days", detail));
    }
    Ok(days)
}

/// What is left out stays as it is; `null` takes away what may be missing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemPatchIn {
    pub name: Option<String>,
    #[schema(value_type = Option<String>)]
    pub r#type: Option<ItemType>,
    /// Of the item's own dimension. No lot is touched by it.
    pub unit: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub density: Patch<Density>,
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub category_id: Patch<i64>,
    #[serde(default)]
    #[schema(value_type = Option<i32>)]
    pub shelf_life_days: Patch<i32>,
    /// In the item's unit, or the new one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub low_stock_threshold: Patch<Quantity>,
    pub notes: Option<String>,
}

impl ItemPatchIn {
    pub(super) fn onto(self, item: &Item) -> Result<ItemChange, Problem> {
        let unit = self.unit.as_deref().map_or(Ok(item.unit()), wire::unit)?;
        let low = match self.low_stock_threshold {
            Patch::Set(low) => Patch::Set(wire::threshold(low, unit)?),
            Patch::Clear => Patch::Clear,
            Patch::Keep => Patch::Keep,
        };
        let name: Name = wire::name("name", self.name.as_deref().unwrap_or(&item.name))?;
        Ok(ItemChange {
            name,
            item_type: match self.r#type {
                Some(item_type) if item_type != item.item_type => not_product(item_type)?,
                _ => item.item_type,
            },
            unit,
            density: self.density.apply(item.density),
            category_id: self.category_id.apply(item.category_id),
            low_stock_threshold: low.apply(item.low_stock_threshold),
            shelf_life_days: shelf_life(self.shelf_life_days.apply(item.shelf_life_days))?,
            notes: self.notes.map_or_else(
                || Ok(item.notes.clone()),
                |notes| wire::note("notes", &notes),
            )?,
        })
    }
}

/// Stock that came in: one lot.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptIn {
    /// In `unit`.
    #[schema(value_type = String, example = "35")]
    pub quantity: Quantity,
    #[schema(example = "lb")]
    pub unit: String,
    /// Of all of it. With neither cost, it counts as what is there cost on average.
    #[schema(value_type = Option<String>, example = "148.75")]
    pub total_cost: Option<Money>,
    /// Of one `unit`.
    #[schema(value_type = Option<String>)]
    pub unit_cost: Option<Money>,
    /// Now, when left out. Never in the future.
    pub received_at: Option<DateTime<Utc>>,
    /// When left out, after the item's shelf life, if it has one.
    pub expires_at: Option<DateTime<Utc>>,
    pub supplier: Option<String>,
    #[serde(default)]
    pub note: String,
    /// `restock` (when left out), `initial_stock`, `manual_addition` or `returned`.
    #[schema(value_type = Option<String>)]
    pub kind: Option<ActionKind>,
}

impl ReceiptIn {
    pub(super) fn into_domain(self, item: ItemId) -> Result<Receipt, Problem> {
        let cost = match (self.total_cost, self.unit_cost) {
            (Some(_), Some(_)) => {
                let detail = "Give the total cost or the unit cost, not both.";
                return Err(
                    Problem::invalid("inventory.two_costs", detail).field("unit_cost", detail)
                );
            }
            (Some(total), None) => CostEntry::Total(total),
            (None, Some(each)) => CostEntry::PerUnit(each),
            (None, None) => CostEntry::AsBefore,
        };
        Ok(Receipt {
            item,
            kind: self.kind.unwrap_or(ActionKind::Restock),
            amount: self.quantity,
            unit: wire::unit(&self.unit)?,
            cost,
            received_at: self.received_at,
            expires_at: self.expires_at,
            supplier: wire::line("supplier", self.supplier.as_deref(), 128)?,
            note: wire::note("note", &self.note)?,
            import: None,
        })
    }
}

/// Stock that went out, or was counted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentIn {
    /// `use`, `sale`, `sample`, `tester`, `gift` or `donation` pass over expired lots; `spoil`, `trash`,
    /// `expired`, `damaged` and `quality_fail` do not. `recount` sets what there is.
    #[schema(value_type = String, example = "spoil")]
    pub change_type: ActionKind,
    /// In `unit`. For a recount, what was counted, which may be zero.
    #[schema(value_type = String, example = "113.7")]
    pub quantity: Quantity,
    #[schema(example = "g")]
    pub unit: String,
    #[serde(default)]
    pub note: String,
    pub customer: Option<String>,
    pub order_number: Option<String>,
    /// Paid for all of it.
    #[schema(value_type = Option<String>)]
    pub price: Option<Money>,
}

impl AdjustmentIn {
    pub(super) fn into_domain(self, item: ItemId) -> Result<Adjustment, Problem> {
        Ok(Adjustment {
            item,
            kind: self.change_type,
            amount: self.quantity,
            unit: wire::unit(&self.unit)?,
            note: wire::note("note", &self.note)?,
            customer: wire::line("customer", self.customer.as_deref(), 128)?,
            order_number: wire::line("order_number", self.order_number.as_deref(), 128)?,
            price: self.price,
        })
    }
}

/// One received parcel of an item. Quantities are in the item's unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct LotOut {
    pub id: i64,
    #[schema(example = "LOT-7F3QA9K2M1")]
    pub code: String,
    pub received_quantity: String,
    pub received_value: String,
    pub quantity: String,
    /// In millionths of the base unit, exactly.
    pub quantity_base: String,
    /// Zero where the item's pool holds the value, under average cost.
    pub value: String,
    pub received_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub is_expired: bool,
    pub supplier: Option<String>,
    /// The action that brought it.
    pub action_id: i64,
    pub batch_id: Option<i64>,
}

impl LotOut {
    pub(super) fn of(lot: &Lot, item: &Item, now: DateTime<Utc>) -> Self {
        Self {
            id: lot.id.get(),
            code: lot.code.clone(),
            received_quantity: item.written(lot.received_quantity).to_string(),
            received_value: lot.received_value.to_string(),
            quantity: item.written(lot.quantity).to_string(),
            quantity_base: lot.quantity.get().to_string(),
            value: lot.value.to_string(),
            received_at: lot.received_at,
            expires_at: lot.expires_at,
            is_expired: lot.is_expired(now),
            supplier: lot.supplier.clone(),
            action_id: lot.action_id.get(),
            batch_id: lot.batch_id.map(batchtrack_core::kernel::ids::BatchId::get),
        }
    }
}

/// A business action on stock: the cause of its movements.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionOut {
    pub id: i64,
    #[schema(example = "restock")]
    pub kind: &'static str,
    /// When it happened.
    pub effective_at: DateTime<Utc>,
    /// When we learned of it.
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: Option<i64>,
    /// The action that this one takes back.
    pub reverses_id: Option<i64>,
    pub undone_by: Option<i64>,
    pub batch_id: Option<i64>,
    pub note: String,
    pub customer: Option<String>,
    pub order_number: Option<String>,
    pub price: Option<String>,
}

impl ActionOut {
    pub(super) fn of(action: &Action, undone_by: Option<i64>) -> Self {
        Self {
            id: action.id.get(),
            kind: action.kind.as_str(),
            effective_at: action.effective_at,
            recorded_at: action.recorded_at,
            recorded_by: action
                .recorded_by
                .map(batchtrack_core::kernel::ids::UserId::get),
            reverses_id: action
                .reverses_id
                .map(batchtrack_core::kernel::ids::ActionId::get),
            undone_by,
            batch_id: action
                .batch_id
                .map(batchtrack_core::kernel::ids::BatchId::get),
            note: action.note.clone(),
            customer: action.customer.clone(),
            order_number: action.order_number.clone(),
            price: action.price.map(|price| price.to_string()),
        }
    }
}

/// One change of one lot; negative quantity and value leave it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementOut {
    pub id: i64,
    pub item_id: i64,
    pub lot_id: i64,
    /// In millionths of the base unit, exactly.
    #[schema(example = "-113700000")]
    pub quantity_base: String,
    #[schema(example = "-1.02")]
    pub value: String,
}

impl MovementOut {
    pub(super) fn of(movement: &Movement) -> Self {
        Self {
            id: movement.id.get(),
            item_id: movement.item_id.get(),
            lot_id: movement.lot_id.get(),
            quantity_base: movement.quantity.get().to_string(),
            value: movement.value.to_string(),
        }
    }
}

/// An action with all it did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionDetailOut {
    pub action: ActionOut,
    pub movements: Vec<MovementOut>,
}

/// A movement of an item, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryOut {
    pub movement: MovementOut,
    /// In the item's unit.
    pub quantity: String,
    pub lot_code: String,
    pub action: ActionOut,
}

impl HistoryOut {
    pub(super) fn of(row: &HistoryRow, item: &Item) -> Self {
        let undone_by = row
            .undone_by
            .map(batchtrack_core::kernel::ids::ActionId::get);
        Self {
            movement: MovementOut::of(&row.movement),
            quantity: item.written(row.movement.quantity).to_string(),
            lot_code: row.lot_code.clone(),
            action: ActionOut::of(&row.action, undone_by),
        }
    }
}

/// What an undo did.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoneOut {
    /// The action that was taken back.
    pub undone_action_id: i64,
    /// The value that went back.
    #[schema(example = "148.75")]
    pub value: String,
}

/// A category of ingredients.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryOut {
    pub id: i64,
    #[schema(example = "Oils (Carrier & Fixed)")]
    pub name: String,
    /// Grams per millilitre.
    #[schema(example = "0.92")]
    pub default_density: Option<String>,
}

impl CategoryOut {
    pub(super) fn of(category: Category) -> Self {
        Self {
            id: category.id,
            name: category.name,
            default_density: category.default_density.map(|density| density.to_string()),
        }
    }
}
