use crate::{
    problem::Problem,
    wire::{self, Costs},
};
use batchtrack_core::{
    inventory::{
        Action, ActionKind, Adjustment, CostEntry, HistoryRow, Item, Lot, Movement, Receipt,
    },
    kernel::{
        Money, Quantity,
        ids::{ActionId, BatchId, ItemId, UserId},
    },
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
    pub(in crate::inventory) fn into_domain(self, item: ItemId) -> Result<Receipt, Problem> {
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
    pub(in crate::inventory) fn into_domain(self, item: ItemId) -> Result<Adjustment, Problem> {
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
    pub received_value: Option<String>,
    pub quantity: String,
    /// In millionths of the base unit, exactly.
    pub quantity_base: String,
    /// Zero where the item's pool holds the value, under average cost.
    pub value: Option<String>,
    pub received_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub is_expired: bool,
    pub supplier: Option<String>,
    /// The action that brought it.
    pub action_id: i64,
    pub batch_id: Option<i64>,
}

impl LotOut {
    pub(in crate::inventory) fn of(
        lot: &Lot,
        item: &Item,
        now: DateTime<Utc>,
        costs: Costs,
    ) -> Self {
        Self {
            id: lot.id.get(),
            code: lot.code.clone(),
            received_quantity: item.written(lot.received_quantity).to_string(),
            received_value: costs.stock(lot.received_value),
            quantity: item.written(lot.quantity).to_string(),
            quantity_base: lot.quantity.get().to_string(),
            value: costs.stock(lot.value),
            received_at: lot.received_at,
            expires_at: lot.expires_at,
            is_expired: lot.is_expired(now),
            supplier: lot.supplier.clone(),
            action_id: lot.action_id.get(),
            batch_id: lot.batch_id.map(BatchId::get),
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
    pub(in crate::inventory) fn of(action: &Action, undone_by: Option<i64>) -> Self {
        Self {
            id: action.id.get(),
            kind: action.kind.as_str(),
            effective_at: action.effective_at,
            recorded_at: action.recorded_at,
            recorded_by: action.recorded_by.map(UserId::get),
            reverses_id: action.reverses_id.map(ActionId::get),
            undone_by,
            batch_id: action.batch_id.map(BatchId::get),
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
    pub value: Option<String>,
}

impl MovementOut {
    pub(in crate::inventory) fn of(movement: &Movement, costs: Costs) -> Self {
        Self {
            id: movement.id.get(),
            item_id: movement.item_id.get(),
            lot_id: movement.lot_id.get(),
            quantity_base: movement.quantity.get().to_string(),
            value: costs.stock(movement.value),
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
    pub(in crate::inventory) fn of(row: &HistoryRow, item: &Item, costs: Costs) -> Self {
        let undone_by = row.undone_by.map(ActionId::get);
        Self {
            movement: MovementOut::of(&row.movement, costs),
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
    pub value: Option<String>,
}
