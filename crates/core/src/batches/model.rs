use crate::{
    inventory::Item,
    kernel::{
        Money, Quantity, Scale,
        ids::{BatchId, ItemId, LotId, RecipeId},
        words::words,
    },
    recipes::LineKind,
    schema::{batch_lines, batch_outputs, batches},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

words! {
    pub enum BatchStatus {
        InProgress = "in_progress",
        Completed = "completed",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

impl BatchStatus {
    pub const fn title(self) -> &'static str {
        match self {
            Self::InProgress => "In progress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }
}

words! {
    /// What is to come of it.
    pub enum BatchType {
        /// Something to make other things from.
        Ingredient = "ingredient",
        /// Something to sell.
        Product = "product",
    }
}

/// One run of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = batches, check_for_backend(diesel::pg::Pg))]
pub struct Batch {
    pub id: BatchId,
    pub label: String,
    pub recipe_id: RecipeId,
    pub recipe_name: String,
    pub status: BatchStatus,
    pub batch_type: BatchType,
    pub scale: Scale,
    /// Millionths of `yield_unit`.
    pub projected_yield: Quantity,
    pub yield_unit: String,
    /// Millionths of `final_unit`.
    pub final_quantity: Option<Quantity>,
    pub final_unit: Option<String>,
    pub notes: String,
    pub status_reason: String,
    pub input_value: Money,
    pub output_value: Money,
    pub lost_value: Money,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// So much of an item as the batch took, at the value it had then.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = batch_lines, check_for_backend(diesel::pg::Pg))]
pub struct BatchLine {
    pub position: i32,
    pub kind: LineKind,
    pub item_id: ItemId,
    pub item_name: String,
    /// As the recipe says, before scaling: millionths of `unit`.
    pub amount: Quantity,
    pub unit: String,
    /// Taken from stock: millionths of the item's base unit.
    pub quantity: Quantity,
    pub value: Money,
    pub is_skipped: bool,
}

/// A lot that came of a batch, with its share of the value.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = batch_outputs, check_for_backend(diesel::pg::Pg))]
pub struct BatchOutput {
    pub item_id: ItemId,
    pub lot_id: LotId,
    pub quantity: Quantity,
    pub value: Money,
}

#[derive(Debug, Clone, Default)]
pub struct BatchFilter {
    pub status: Option<BatchStatus>,
    pub recipe: Option<RecipeId>,
}

/// A line for which there is not enough, in the unit the recipe is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    pub item: ItemId,
    pub name: String,
    pub kind: LineKind,
    pub needed: Quantity,
    pub available: Quantity,
    pub unit: String,
}

/// One line of a recipe held against the shelf.
#[derive(Debug, Clone)]
pub struct Availability {
    pub item: Item,
    pub kind: LineKind,
    /// Millionths of `unit`, scaled.
    pub needed: Quantity,
    pub unit: String,
    /// What may be used, expired lots left out; millionths of the item's own unit.
    pub available: Quantity,
    /// `None` when the line can't be converted into the item's unit.
    pub is_sufficient: Option<bool>,
}
