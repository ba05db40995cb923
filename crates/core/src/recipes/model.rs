use crate::{
    inventory::Item,
    kernel::{
        Quantity,
        ids::{ImportId, ItemId, RecipeGroupId, RecipeId},
        words::words,
    },
    schema::{recipe_lines, recipes},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

words! {
    /// What part a line plays.
    pub enum LineKind {
        Ingredient = "ingredient",
        Consumable = "consumable",
        Container = "container",
    }
}

words! {
    pub enum RecipeStatus {
        Draft = "draft",
        Published = "published",
    }
}

/// One version of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = recipes, check_for_backend(diesel::pg::Pg))]
pub struct Recipe {
    pub id: RecipeId,
    pub group_id: RecipeGroupId,
    pub version_number: i32,
    pub is_current: bool,
    pub name: String,
    pub status: RecipeStatus,
    pub instructions: String,
    pub category_id: i64,
    /// Millionths of `yield_unit`.
    pub yield_amount: Quantity,
    pub yield_unit: String,
    pub import_id: Option<ImportId>,
    pub archived_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// So much of an item, as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = recipe_lines, check_for_backend(diesel::pg::Pg))]
pub struct RecipeLine {
    pub position: i32,
    pub kind: LineKind,
    pub item_id: ItemId,
    /// Millionths of `unit`.
    pub amount: Quantity,
    pub unit: String,
}

/// A recipe in a list.
#[derive(Debug, Clone)]
pub struct RecipeSummary {
    pub recipe: Recipe,
    pub prefix: String,
    pub category: String,
    pub lines: i64,
    pub batches: i64,
}

#[derive(Debug, Clone, Default)]
pub struct RecipeFilter {
    pub search: Option<String>,
    pub archived: bool,
}

/// A recipe with the names of what it belongs to.
#[derive(Debug, Clone)]
pub struct RecipePage {
    pub recipe: Recipe,
    pub prefix: String,
    pub category: String,
}

/// A line of a recipe held against the shelf.
#[derive(Debug, Clone)]
pub struct StockedLine {
    pub line: RecipeLine,
    pub item: Item,
    /// Of what is on hand; millionths of the base unit.
    pub expired: Quantity,
}
