//! What `/api/v1` says and hears about recipes.
use crate::{
    problem::Problem,
    wire::{self, Costs},
};
use batchtrack_core::{
    batches::Availability,
    inventory::{InventoryError, Item},
    kernel::{Quantity, Scale, ids::ItemId},
    recipes::{
        LineKind, NewLine, NewRecipe, Recipe, RecipeCost, RecipeError, RecipeLine, RecipeStatus,
        RecipeSummary,
    },
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RecipesQuery {
    /// 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Part of the name.
    pub search: Option<String>,
    /// Those in the archive instead of those in use.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    pub archived: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ScaleQuery {
    /// How many times the recipe is made, 0.001 to 1000; once when left out.
    #[param(value_type = Option<String>, example = "3")]
    pub scale: Option<Scale>,
}

/// A recipe in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipeOut {
    pub id: i64,
    #[schema(example = "Lavender Bar")]
    pub name: String,
    /// The labels of its batches begin with it.
    #[schema(example = "LAB")]
    pub prefix: String,
    /// `draft` or `published`.
    #[schema(example = "published")]
    pub status: &'static str,
    pub version: i32,
    pub category_id: i64,
    pub category: String,
    #[schema(example = "18")]
    pub yield_amount: String,
    #[schema(example = "count")]
    pub yield_unit: String,
    /// How many lines it has.
    pub lines: i64,
    /// How many batches were made of it, up to 1000.
    pub batches: i64,
    pub archived_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl RecipeOut {
    pub(super) fn of(row: RecipeSummary) -> Self {
        let recipe = row.recipe;
        Self {
            id: recipe.id.get(),
            name: recipe.name,
            prefix: row.prefix,
            status: recipe.status.as_str(),
            version: recipe.version_number,
            category_id: recipe.category_id,
            category: row.category,
            yield_amount: recipe.yield_amount.to_string(),
            yield_unit: recipe.yield_unit,
            lines: row.lines,
            batches: row.batches,
            archived_at: recipe.archived_at,
            created_at: recipe.created_at,
        }
    }
}

/// A recipe with its lines, and what it would cost at today's average costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipeDetailOut {
    pub id: i64,
    #[schema(example = "Lavender Bar")]
    pub name: String,
    #[schema(example = "published")]
    pub status: &'static str,
    pub version: i32,
    pub category_id: i64,
    #[schema(example = "18")]
    pub yield_amount: String,
    #[schema(example = "count")]
    pub yield_unit: String,
    pub instructions: String,
    pub lines: Vec<LineOut>,
    pub cost: CostOut,
    pub archived_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LineOut {
    /// `ingredient`, `consumable` or `container`.
    #[schema(example = "ingredient")]
    pub kind: &'static str,
    pub item_id: i64,
    #[schema(example = "Olive Oil")]
    pub item_name: String,
    #[schema(example = "900")]
    pub amount: String,
    #[schema(example = "gram")]
    pub unit: String,
    /// At the average cost of what is on hand; `null` where nothing is.
    #[schema(example = "8.79")]
    pub cost: Option<String>,
}

/// An estimate: what a batch really costs is known when it takes its lots.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostOut {
    pub total: Option<String>,
    /// Of one of the yield's unit.
    pub per_unit: Option<String>,
    /// Whether every line is in the total.
    pub is_complete: bool,
}

impl RecipeDetailOut {
    pub(super) fn of(
        recipe: Recipe,
        lines: &[RecipeLine],
        items: &BTreeMap<ItemId, Item>,
        cost: &RecipeCost,
        costs: Costs,
    ) -> Self {
        let name = |id| {
            items
                .get(&id)
                .map_or_else(String::new, |item| item.name.clone())
        };
        Self {
            id: recipe.id.get(),
            name: recipe.name,
            status: recipe.status.as_str(),
            version: recipe.version_number,
            category_id: recipe.category_id,
            yield_amount: recipe.yield_amount.to_string(),
            yield_unit: recipe.yield_unit,
            instructions: recipe.instructions,
            lines: lines
                .iter()
                .zip(&cost.lines)
                .map(|(line, cost)| LineOut {
                    kind: line.kind.as_str(),
                    item_id: line.item_id.get(),
                    item_name: name(line.item_id),
                    amount: line.amount.to_string(),
                    unit: line.unit.clone(),
                    cost: cost.and_then(|cost| costs.stock(cost)),
                })
                .collect(),
            cost: CostOut {
                total: costs.stock(cost.total),
                per_unit: cost.per_unit.and_then(|cost| costs.stock(cost)),
                is_complete: cost.is_complete,
            },
            archived_at: recipe.archived_at,
            created_at: recipe.created_at,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecipeIn {
    #[schema(example = "Lavender Bar")]
    pub name: String,
    #[serde(default)]
    pub instructions: String,
    /// Of `GET /api/v1/product-categories`; Uncategorized when left out.
    pub category_id: Option<i64>,
    #[schema(value_type = String, example = "18")]
    pub yield_amount: Quantity,
    #[schema(example = "count")]
    pub yield_unit: String,
    /// `published` (when left out) or `draft`, which can't be made yet.
    #[schema(value_type = Option<String>)]
    pub status: Option<RecipeStatus>,
    pub lines: Vec<NewLineIn>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLineIn {
    pub item_id: i64,
    #[schema(value_type = String, example = "900")]
    pub amount: Quantity,
    #[schema(example = "g")]
    pub unit: String,
    /// `ingredient` (when left out), `consumable` or `container`.
    #[schema(value_type = Option<String>)]
    pub kind: Option<LineKind>,
}

impl NewRecipeIn {
    pub(super) fn into_domain(self) -> Result<NewRecipe, Problem> {
        let lines = (1..)
            .zip(self.lines)
            .map(|(number, line)| line.into_domain(number));
        let yield_unit = wire::unit(&self.yield_unit).map_err(|problem| {
            let detail = problem.detail().into_owned();
            Problem::invalid("inventory.unknown_unit", detail.clone()).field("yield_unit", detail)
        })?;
        Ok(NewRecipe {
            name: wire::name("name", &self.name)?,
            instructions: wire::note("instructions", &self.instructions)?,
            category_id: self.category_id,
            yield_amount: self.yield_amount,
            yield_unit,
            status: self.status.unwrap_or(RecipeStatus::Published),
            lines: lines.collect::<Result<_, _>>()?,
            import: None,
        })
    }
}

impl NewLineIn {
    fn into_domain(self, line: usize) -> Result<NewLine, Problem> {
        let unit = batchtrack_core::kernel::Unit::find(&self.unit).ok_or_else(|| {
            let source = InventoryError::UnknownUnit(
                self.unit
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(64)
                    .collect(),
            );
            RecipeError::Line { line, source }
        })?;
        Ok(NewLine {
            kind: self.kind.unwrap_or(LineKind::Ingredient),
            item: ItemId::new(self.item_id),
            amount: self.amount,
            unit,
        })
    }
}

/// The lines of a recipe, held against the shelf.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvailabilityOut {
    pub recipe_id: i64,
    #[schema(example = "3")]
    pub scale: String,
    /// Whether a batch could start with all of it.
    pub is_sufficient: bool,
    pub lines: Vec<AvailableLineOut>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AvailableLineOut {
    pub item_id: i64,
    pub item_name: String,
    pub kind: &'static str,
    /// Scaled, in `unit`.
    #[schema(example = "2700")]
    pub needed: String,
    #[schema(example = "gram")]
    pub unit: String,
    /// That may be used, expired lots left out, in `available_unit`.
    pub available: String,
    pub available_unit: String,
    /// `sufficient`, `insufficient`, or `unconvertible` where the line can't be written in the item's unit.
    #[schema(example = "sufficient")]
    pub status: &'static str,
}

impl AvailabilityOut {
    pub(super) fn of(recipe_id: i64, scale: Scale, lines: Vec<Availability>) -> Self {
        Self {
            recipe_id,
            scale: scale.to_string(),
            is_sufficient: lines.iter().all(|line| line.is_sufficient == Some(true)),
            lines: lines
                .into_iter()
                .map(|line| AvailableLineOut {
                    item_id: line.item.id.get(),
                    item_name: line.item.name,
                    kind: line.kind.as_str(),
                    needed: line.needed.to_string(),
                    unit: line.unit,
                    available: line.available.to_string(),
                    available_unit: line.item.unit,
                    status: match line.is_sufficient {
                        Some(true) => "sufficient",
                        Some(false) => "insufficient",
                        None => "unconvertible",
                    },
                })
                .collect(),
        }
    }
}
