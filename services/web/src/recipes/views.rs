//! What the templates of recipes show, ready to print.
use crate::{
    figures::{self, Currency, Figure},
    inventory::views::type_icon,
};
use batchtrack_core::{
    batches::{Availability, Shortage},
    kernel::{Dimension, Money, Scale, Unit},
    recipes::{LineKind, RecipeCost, RecipeSummary, StockedLine},
};

/// A recipe in the list.
pub(super) struct RecipeRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) category: String,
    pub(super) yields: Figure,
    pub(super) lines: i64,
    pub(super) batches: i64,
    pub(super) state: &'static str,
}

impl RecipeRow {
    pub(super) fn of(row: RecipeSummary) -> Self {
        let recipe = row.recipe;
        Self {
            id: recipe.id.get(),
            yields: figures::written(recipe.yield_amount, &recipe.yield_unit),
            state: match recipe.archived_at {
                Some(_) => "archived",
                None => recipe.status.as_str(),
            },
            name: recipe.name,
            prefix: row.prefix,
            category: row.category,
            lines: row.lines,
            batches: row.batches,
        }
    }
}

/// A line of the recipe, priced and held against the shelf.
pub(super) struct LineRow {
    pub(super) item: i64,
    pub(super) name: String,
    pub(super) icon: &'static str,
    pub(super) kind: &'static str,
    pub(super) amount: Figure,
    pub(super) needed: Figure,
    pub(super) cost: Option<Figure>,
    /// Of the recipe's cost, in percent.
    pub(super) share: i64,
    pub(super) available: Figure,
    /// `ok`, `short` or `density`.
    pub(super) fit: &'static str,
}

impl LineRow {
    pub(super) fn of(
        line: &StockedLine,
        cost: Option<Money>,
        share: i64,
        (scale, shelf): (Scale, &Availability),
        money: &Currency,
    ) -> Self {
        let StockedLine { line, item, .. } = line;
        Self {
            item: item.id.get(),
            name: item.name.clone(),
            icon: type_icon(item.item_type),
            kind: kind_title(line.kind),
            amount: figures::written(line.amount, &line.unit),
            needed: figures::written(shelf.needed, &shelf.unit),
            cost: cost.map(|cost| money.short(cost.times(scale.get()).unwrap_or(cost))),
            share,
            available: figures::quantity(shelf.available, item.unit()),
            fit: match shelf.is_sufficient {
                Some(true) => "ok",
                Some(false) => "short",
                None => "density",
            },
        }
    }
}

pub(crate) fn kind_title(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Ingredient => "Ingredient",
        LineKind::Container => "Container",
        LineKind::Consumable => "Consumable",
    }
}

/// What a recipe costs, and whether that is all.
pub(super) struct CostView {
    pub(super) total: Figure,
    pub(super) each: Option<Figure>,
    pub(super) is_complete: bool,
}

impl CostView {
    pub(super) fn of(cost: &RecipeCost, money: &Currency) -> Self {
        Self {
            total: money.exact(cost.total),
            each: cost.per_unit.map(|each| money.exact(each)),
            is_complete: cost.is_complete,
        }
    }
}

/// What is short for a batch.
pub(super) struct ShortRow {
    pub(super) item: i64,
    pub(super) name: String,
    pub(super) needed: Figure,
    pub(super) available: Figure,
}

impl ShortRow {
    pub(super) fn of(shortage: &Shortage) -> Self {
        Self {
            item: shortage.item.get(),
            name: shortage.name.clone(),
            needed: figures::written(shortage.needed, &shortage.unit),
            available: figures::written(shortage.available, &shortage.unit),
        }
    }
}

/// Whether a batch of that unit comes out in pieces, and so as a product more likely than not.
pub(super) fn is_counted(unit: &str) -> bool {
    Unit::find(unit).is_some_and(|unit| unit.dimension == Dimension::Count)
}
