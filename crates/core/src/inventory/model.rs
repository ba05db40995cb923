use crate::{
    kernel::{
        Density, Dimension, Money, Quantity, Unit,
        ids::{ActionId, BatchId, ImportId, ItemId, LotId, MovementId, UserId},
        words::words,
    },
    schema::{
        ingredient_categories, inventory_actions, inventory_items, inventory_lots,
        inventory_movements,
    },
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

words! {
    /// What an item is for.
    pub enum ItemType {
        Ingredient = "ingredient",
        Container = "container",
        Packaging = "packaging",
        Consumable = "consumable",
        /// The stock of one SKU.
        Product = "product",
    }
}

words! {
    /// Why stock changed.
    pub enum ActionKind {
        InitialStock = "initial_stock",
        Restock = "restock",
        ManualAddition = "manual_addition",
        Returned = "returned",
        Use = "use",
        Sale = "sale",
        Sample = "sample",
        Tester = "tester",
        Gift = "gift",
        Donation = "donation",
        Spoil = "spoil",
        Trash = "trash",
        Expired = "expired",
        Damaged = "damaged",
        QualityFail = "quality_fail",
        Recount = "recount",
        Revaluation = "revaluation",
        BatchStart = "batch_start",
        BatchExtra = "batch_extra",
        BatchCompletion = "batch_completion",
        BatchFailure = "batch_failure",
        BatchCancellation = "batch_cancellation",
        Reversal = "reversal",
    }
}

impl ActionKind {
    /// Brings a new lot.
    pub const fn is_addition(self) -> bool {
        matches!(
            self,
            Self::InitialStock | Self::Restock | Self::ManualAddition | Self::Returned
        )
    }
    /// Takes stock that must still be good: expired lots are passed over.
    pub const fn is_consumption(self) -> bool {
        matches!(
            self,
            Self::Use | Self::Sale | Self::Sample | Self::Tester | Self::Gift | Self::Donation
        )
    }
    /// Throws stock away, expired or not.
    pub const fn is_disposal(self) -> bool {
        matches!(
            self,
            Self::Spoil | Self::Trash | Self::Expired | Self::Damaged | Self::QualityFail
        )
    }
    /// Belongs to a batch, whose state hangs on it.
    pub const fn is_of_batch(self) -> bool {
        matches!(
            self,
            Self::BatchStart
                | Self::BatchExtra
                | Self::BatchCompletion
                | Self::BatchFailure
                | Self::BatchCancellation
        )
    }
    /// As it reads on a page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::InitialStock => "Initial stock",
            Self::Restock => "Restock",
            Self::ManualAddition => "Addition",
            Self::Returned => "Returned",
            Self::Use => "Used",
            Self::Sale => "Sale",
            Self::Sample => "Sample",
            Self::Tester => "Tester",
            Self::Gift => "Gift",
            Self::Donation => "Donation",
            Self::Spoil => "Spoiled",
            Self::Trash => "Thrown away",
            Self::Expired => "Expired",
            Self::Damaged => "Damaged",
            Self::QualityFail => "Failed quality check",
            Self::Recount => "Recount",
            Self::Revaluation => "Revaluation",
            Self::BatchStart => "Batch started",
            Self::BatchExtra => "Added to batch",
            Self::BatchCompletion => "Batch completed",
            Self::BatchFailure => "Batch failed",
            Self::BatchCancellation => "Batch cancelled",
            Self::Reversal => "Undone",
        }
    }
}

/// Something kept in stock, with what its lots hold together.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = inventory_items, check_for_backend(diesel::pg::Pg))]
pub struct Item {
    pub id: ItemId,
    pub name: String,
    #[diesel(column_name = type_)]
    pub item_type: ItemType,
    pub dimension: Dimension,
    /// Name of the unit its quantities are written in.
    pub unit: String,
    pub density: Option<Density>,
    pub category_id: Option<i64>,
    pub global_item_id: Option<i64>,
    pub shelf_life_days: Option<i32>,
    /// Millionths of the base unit, as all stock quantities.
    pub low_stock_threshold: Option<Quantity>,
    pub is_intermediate: bool,
    pub notes: String,
    pub quantity: Quantity,
    pub value: Money,
    pub is_pooled: bool,
    pub capacity: Option<Quantity>,
    pub capacity_unit: Option<String>,
    pub archived_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl Item {
    pub fn unit(&self) -> &'static Unit {
        Unit::find(&self.unit).unwrap_or_else(|| self.dimension.base())
    }
    /// `stock` of it in its own unit.
    pub fn written(&self, stock: Quantity) -> Quantity {
        self.unit()
            .from_base(stock, self.dimension, self.density)
            .unwrap_or(stock)
    }
    /// Average value of one of its unit on hand, rounded; `None` with nothing on hand.
    pub fn unit_cost(&self) -> Option<Money> {
        self.cost_of(self.unit().one())
    }
    /// Average value of `stock` of it, rounded half up; `None` with nothing on hand.
    pub fn cost_of(&self, stock: Quantity) -> Option<Money> {
        crate::kernel::quantity::mul_div_half_up(self.value.get(), stock.get(), self.quantity.get())
            .map(Money::micros)
    }
    pub fn is_low(&self) -> bool {
        self.low_stock_threshold
            .is_some_and(|threshold| threshold.is_positive() && self.quantity <= threshold)
    }
}

/// One received parcel of an item.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = inventory_lots, check_for_backend(diesel::pg::Pg))]
pub struct Lot {
    pub id: LotId,
    pub item_id: ItemId,
    pub code: String,
    pub received_quantity: Quantity,
    pub received_value: Money,
    pub quantity: Quantity,
    pub value: Money,
    pub received_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub supplier: Option<String>,
    pub action_id: ActionId,
    pub batch_id: Option<BatchId>,
}

impl Lot {
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

/// A business action on stock: the cause of its movements.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = inventory_actions, check_for_backend(diesel::pg::Pg))]
pub struct Action {
    pub id: ActionId,
    pub kind: ActionKind,
    pub effective_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: Option<UserId>,
    pub reverses_id: Option<ActionId>,
    pub batch_id: Option<BatchId>,
    pub import_id: Option<ImportId>,
    pub note: String,
    pub customer: Option<String>,
    pub order_number: Option<String>,
    pub price: Option<Money>,
}

/// One change of one lot; negative quantity and value leave it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = inventory_movements, check_for_backend(diesel::pg::Pg))]
pub struct Movement {
    pub id: MovementId,
    pub action_id: ActionId,
    pub item_id: ItemId,
    pub lot_id: LotId,
    pub quantity: Quantity,
    pub value: Money,
    pub effective_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
}

/// A movement as the item's history shows it.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    pub movement: Movement,
    pub action: Action,
    pub lot_code: String,
    /// The action that took this one back.
    pub undone_by: Option<ActionId>,
}

/// How the cost of a receipt was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostEntry {
    /// For all of it.
    Total(Money),
    /// For one of the unit it was entered in.
    PerUnit(Money),
    /// As what is there cost on average, or the last lot, or nothing.
    AsBefore,
}

/// Which items a list shows.
#[derive(Debug, Clone, Default)]
pub struct ItemFilter {
    pub item_type: Option<ItemType>,
    pub search: Option<String>,
    pub category_id: Option<i64>,
    pub archived: bool,
    pub hide_empty: bool,
    pub low_only: bool,
}

/// The stock of a whole organisation in three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub items: i64,
    pub low: i64,
    pub value: Money,
}

/// A category of ingredients and its usual density.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = ingredient_categories, check_for_backend(diesel::pg::Pg))]
pub struct Category {
    pub id: i64,
    pub name: String,
    pub default_density: Option<Density>,
}
