//! What `/api/v1` says and hears about batches.
use crate::{
    problem::Problem,
    wire::{self, Costs, RecordedOut},
};
use batchtrack_core::{
    batches::{Batch, BatchError, BatchLine, BatchOutput, BatchStatus, BatchType, Shortage, Start},
    inventory::Item,
    kernel::{
        Quantity, Scale,
        ids::{ActionId, BatchId, ItemId, RecipeId, SkuId},
    },
    products::{Finish, Into as Output},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BatchesQuery {
    /// 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `in_progress`, `completed`, `failed` or `cancelled`.
    #[param(value_type = Option<String>)]
    pub status: Option<BatchStatus>,
    pub recipe_id: Option<i64>,
}

/// One run of a recipe.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchOut {
    pub id: i64,
    #[schema(example = "LAB1-2026-001")]
    pub label: String,
    pub recipe_id: i64,
    pub recipe_name: String,
    /// `in_progress`, `completed`, `failed` or `cancelled`.
    #[schema(example = "in_progress")]
    pub status: &'static str,
    /// `ingredient` or `product`.
    #[schema(example = "product")]
    pub batch_type: &'static str,
    #[schema(example = "3")]
    pub scale: String,
    pub projected_yield: String,
    pub yield_unit: String,
    pub final_quantity: Option<String>,
    pub final_unit: Option<String>,
    pub notes: String,
    pub status_reason: String,
    /// What went in. It is what came out, what was lost, or what is in progress.
    #[schema(example = "31.24")]
    pub input_value: Option<String>,
    pub output_value: Option<String>,
    pub lost_value: Option<String>,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl BatchOut {
    pub(crate) fn of(batch: &Batch, costs: Costs) -> Self {
        Self {
            id: batch.id.get(),
            label: batch.label.clone(),
            recipe_id: batch.recipe_id.get(),
            recipe_name: batch.recipe_name.clone(),
            status: batch.status.as_str(),
            batch_type: batch.batch_type.as_str(),
            scale: batch.scale.to_string(),
            projected_yield: batch.projected_yield.to_string(),
            yield_unit: batch.yield_unit.clone(),
            final_quantity: batch.final_quantity.map(|quantity| quantity.to_string()),
            final_unit: batch.final_unit.clone(),
            notes: batch.notes.clone(),
            status_reason: batch.status_reason.clone(),
            input_value: costs.batch(batch.input_value),
            output_value: costs.batch(batch.output_value),
            lost_value: costs.batch(batch.lost_value),
            started_at: batch.started_at,
            finished_at: batch.finished_at,
        }
    }
}

/// A batch with what it took and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchDetailOut {
    pub batch: BatchOut,
    /// The last step that nothing has taken back: undo it to go back a step.
    pub last_action_id: Option<i64>,
    pub lines: Vec<TakenOut>,
    pub outputs: Vec<MadeOut>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TakenOut {
    /// `ingredient`, `consumable` or `container`.
    pub kind: &'static str,
    pub item_id: i64,
    pub item_name: String,
    /// As the recipe says, before scaling.
    #[schema(example = "900")]
    pub amount: String,
    #[schema(example = "gram")]
    pub unit: String,
    /// Taken from stock, in millionths of the base unit, exactly.
    #[schema(example = "2700000000")]
    pub quantity_base: String,
    pub value: Option<String>,
    /// Whether the batch was started without it.
    pub is_skipped: bool,
}

impl TakenOut {
    fn of(line: BatchLine, costs: Costs) -> Self {
        Self {
            kind: line.kind.as_str(),
            item_id: line.item_id.get(),
            item_name: line.item_name,
            amount: line.amount.to_string(),
            unit: line.unit,
            quantity_base: line.quantity.get().to_string(),
            value: costs.batch(line.value),
            is_skipped: line.is_skipped,
        }
    }
}

/// A lot that came of a batch, with its share of the value.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeOut {
    pub item_id: i64,
    pub item_name: String,
    pub lot_id: i64,
    /// In the item's `unit`.
    pub quantity: String,
    pub unit: String,
    /// In millionths of the base unit, exactly.
    pub quantity_base: String,
    pub value: Option<String>,
}

impl BatchDetailOut {
    pub(super) fn of(
        batch: &Batch,
        last: Option<ActionId>,
        lines: Vec<BatchLine>,
        outputs: &[BatchOutput],
        items: &BTreeMap<ItemId, Item>,
        costs: Costs,
    ) -> Self {
        let made = outputs.iter().filter_map(|output| {
            let item = items.get(&output.item_id)?;
            Some(MadeOut {
                item_id: item.id.get(),
                item_name: item.name.clone(),
                lot_id: output.lot_id.get(),
                quantity: item.written(output.quantity).to_string(),
                unit: item.unit.clone(),
                quantity_base: output.quantity.get().to_string(),
                value: costs.batch(output.value),
            })
        });
        Self {
            batch: BatchOut::of(batch, costs),
            last_action_id: last.map(ActionId::get),
            outputs: made.collect(),
            lines: lines
                .into_iter()
                .map(|line| TakenOut::of(line, costs))
                .collect(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartIn {
    pub recipe_id: i64,
    /// How many times the recipe is made, 0.001 to 1000; once when left out.
    #[schema(value_type = Option<String>, example = "3")]
    pub scale: Option<Scale>,
    /// What is to come of it: `ingredient` (when left out) or `product`.
    #[schema(value_type = Option<String>, example = "product")]
    pub batch_type: Option<BatchType>,
    #[serde(default)]
    pub notes: String,
    /// Start without the lines there is not enough of, rather than not at all.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub force: bool,
}

impl StartIn {
    pub(super) fn into_domain(self) -> Result<Start, Problem> {
        Ok(Start {
            recipe: RecipeId::new(self.recipe_id),
            scale: self.scale.unwrap_or(Scale::ONE),
            batch_type: self.batch_type.unwrap_or(BatchType::Ingredient),
            notes: wire::note("notes", &self.notes)?,
            force: self.force,
        })
    }
}

/// What a batch comes out as.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutputIn {
    /// `"intermediate"`: an ingredient for other recipes, named after its own.
    Intermediate,
    SkuId(i64),
    /// Stock of any item.
    ItemId(i64),
    /// A product of that name; created when there is none.
    Product(String),
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteIn {
    pub output: OutputIn,
    /// In `unit`.
    #[schema(value_type = String, example = "53")]
    pub quantity: Quantity,
    #[schema(example = "count")]
    pub unit: String,
    /// When left out, after the item's shelf life, if it has one.
    pub expires_at: Option<DateTime<Utc>>,
}

impl CompleteIn {
    pub(super) fn into_domain(self, batch: BatchId) -> Result<Finish, Problem> {
        Ok(Finish {
            batch,
            into: match self.output {
                OutputIn::Intermediate => Output::Intermediate,
                OutputIn::SkuId(id) => Output::Sku(SkuId::new(id)),
                OutputIn::ItemId(id) => Output::Item(ItemId::new(id)),
                OutputIn::Product(name) => Output::Product(wire::name("output.product", &name)?),
            },
            amount: self.quantity,
            unit: wire::unit(&self.unit)?,
            expires_at: self.expires_at,
        })
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailIn {
    #[serde(default)]
    #[schema(example = "Lye was off")]
    pub reason: String,
}

/// A completed batch, and the stock that came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompletedOut {
    #[serde(flatten)]
    pub recorded: RecordedOut,
    /// Where a SKU was made.
    pub sku_id: Option<i64>,
    pub batch: BatchOut,
}

/// A line for which there is not enough.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShortageOut {
    pub item_id: i64,
    pub name: String,
    /// In `unit`.
    pub needed: String,
    /// In `unit`.
    pub available: String,
    pub unit: String,
}

/// A shortage as a problem that lists what is short.
pub(crate) fn refused(error: BatchError) -> Problem {
    let BatchError::Short(shortages) = &error else {
        return error.into();
    };
    let shortages: Vec<ShortageOut> = shortages.iter().map(shortage).collect();
    let shortages = serde_json::to_value(shortages).unwrap_or_default();
    Problem::from(error).with("shortages", shortages)
}

fn shortage(short: &Shortage) -> ShortageOut {
    ShortageOut {
        item_id: short.item.get(),
        name: short.name.clone(),
        needed: short.needed.to_string(),
        available: short.available.to_string(),
        unit: short.unit.clone(),
    }
}
