use super::super::{
    BatchError,
    model::{BatchLine, BatchStatus, BatchType, Shortage},
    queries::{self, BatchRow},
};
use crate::{
    inventory::{self, ActionKind, Draft, Item, Ledger},
    kernel::{
        Money, Quantity, Scale, Unit,
        ids::{BatchId, ItemId, RecipeId},
    },
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
    recipes::{self, RecipeError, RecipeLine, RecipeStatus},
};
use chrono::Datelike as _;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Start {
    pub recipe: RecipeId,
    pub scale: Scale,
    pub batch_type: BatchType,
    pub notes: String,
    /// Start without the lines there is not enough of, rather than not at all.
    pub force: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    pub id: BatchId,
    pub label: String,
    pub input_value: Money,
}

/// Starts a batch: takes every line from stock at once, or nothing and says what is short.
/// The same number of statements for two lines as for three hundred and fifty.
#[tracing::instrument(name = "core.batches.start", skip_all, fields(recipe.id = %start.recipe), err(level = "debug"))]
pub async fn start(tx: &mut OrgTx, start: Start) -> Result<Started, BatchError> {
    let (recipe, prefix) = recipes::lock_to_start(tx, start.recipe)
        .await?
        .ok_or(RecipeError::NoRecipe)?;
    let name = || recipe.name.clone();
    if recipe.archived_at.is_some() {
        return Err(BatchError::Archived { name: name() });
    }
    if recipe.status == RecipeStatus::Draft {
        return Err(BatchError::Draft { name: name() });
    }
    let lines = recipes::lines(tx, recipe.id).await?;
    if lines.is_empty() {
        return Err(BatchError::Empty { name: name() });
    }
    let now = tx.now();
    let items =
        inventory::items_by_ids(tx, lines.iter().map(|line| line.item_id).collect()).await?;
    let needed = needed(&lines, &items, start.scale)?;
    let mut wanted = BTreeMap::<ItemId, Quantity>::new();
    for (line, quantity) in lines.iter().zip(&needed) {
        let sum = wanted.entry(line.item_id).or_default();
        *sum = sum
            .checked_add(*quantity)
            .ok_or(inventory::InventoryError::TooLarge)?;
    }
    let mut ledger = Ledger::lock_to_take(tx, &wanted, now, false).await?;

    let mut draft = Draft::new(ActionKind::BatchStart, now);
    let (taken, short) = take(&mut ledger, &mut draft, &lines, needed, start.scale)?;
    if !short.is_empty() && !start.force {
        return Err(BatchError::Short(short));
    }
    let input = Money::sum(taken.iter().map(|line| line.value))?;

    let projected_yield = start
        .scale
        .apply(recipe.yield_amount)
        .ok_or(inventory::InventoryError::TooLarge)?;
    if !projected_yield.is_positive() {
        return Err(inventory::InventoryError::TooSmall.into());
    }
    let notes = noted(&start.notes, &short);
    let row = BatchRow {
        organization_id: tx.organization(),
        label: &unlabelled(),
        recipe_id: recipe.id,
        recipe_name: &recipe.name,
        status: BatchStatus::InProgress,
        batch_type: start.batch_type,
        scale: start.scale,
        projected_yield,
        yield_unit: &recipe.yield_unit,
        notes: &notes,
        input_value: input,
        started_at: now,
        started_by: tx.user(),
    };
    let id = queries::insert(tx, &row).await?;
    draft.batch = Some(id);
    ledger.record(tx, vec![draft]).await?;
    queries::insert_lines(tx, id, &taken).await?;
    let stem = format!("{prefix}{}-{}-", recipe.version_number, now.year());
    let label = queries::label(tx, id, now.year(), stem).await?;
    let properties = json!({
        "recipe_id": recipe.id,
        "scale": start.scale,
        "batch_type": start.batch_type,
        "projected_yield": projected_yield,
        "projected_yield_unit": recipe.yield_unit,
        "label_code": label,
        "lineage_id": null,
        "portioning": null,
        "input_value": input,
        "lines": taken.len(),
    });
    let event = NewEvent::new(Event::BatchStarted, id.get(), properties);
    outbox::emit(tx, vec![event]).await?;
    Ok(Started {
        id,
        label,
        input_value: input,
    })
}

/// Stands in for a label until the last moment: all batches of an organisation share the counter, and
/// whoever holds it keeps every other start waiting.
fn unlabelled() -> String {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).expect("the system has randomness");
    hex::encode(random)
}

/// Takes line by line in memory; what there is not enough of is skipped and listed.
fn take(
    ledger: &mut Ledger,
    draft: &mut Draft,
    lines: &[RecipeLine],
    needed: Vec<Quantity>,
    scale: Scale,
) -> Result<(Vec<BatchLine>, Vec<Shortage>), BatchError> {
    let (mut taken, mut short) = (Vec::with_capacity(lines.len()), Vec::new());
    for (line, quantity) in lines.iter().zip(needed) {
        let item = ledger.item(line.item_id)?.clone();
        let mut row = BatchLine {
            position: line.position,
            kind: line.kind,
            item_id: item.id,
            item_name: item.name.clone(),
            amount: line.amount,
            unit: line.unit.clone(),
            quantity: Quantity::ZERO,
            value: Money::ZERO,
            is_skipped: false,
        };
        let available = ledger.available(item.id);
        if available < quantity {
            short.push(shortage(line, &item, scale, available));
            row.is_skipped = true;
        } else {
            let draws = ledger.take(item.id, quantity)?;
            row.quantity = quantity;
            row.value = Money::sum(draws.iter().map(|draw| draw.value))?;
            draft.draw(item.id, &draws);
        }
        taken.push(row);
    }
    Ok((taken, short))
}

/// Stock each line needs: scaled, converted, rounded once.
pub(super) fn needed(
    lines: &[RecipeLine],
    items: &BTreeMap<ItemId, Item>,
    scale: Scale,
) -> Result<Vec<Quantity>, BatchError> {
    lines
        .iter()
        .map(|line| {
            let item = items
                .get(&line.item_id)
                .ok_or(inventory::InventoryError::NoItem)?;
            let unit = Unit::find(&line.unit)
                .ok_or_else(|| inventory::InventoryError::UnknownUnit(line.unit.clone()))?;
            Ok(inventory::stock_quantity(item, line.amount, unit, scale)?)
        })
        .collect()
}

fn shortage(line: &RecipeLine, item: &Item, scale: Scale, available: Quantity) -> Shortage {
    let in_line_unit = Unit::find(&line.unit)
        .and_then(|unit| unit.from_base(available, item.dimension, item.density).ok());
    Shortage {
        item: item.id,
        name: item.name.clone(),
        kind: line.kind,
        needed: scale.apply(line.amount).unwrap_or(line.amount),
        available: in_line_unit.unwrap_or(available),
        unit: line.unit.clone(),
    }
}

/// The notes, with what the batch was started without.
fn noted(notes: &str, short: &[Shortage]) -> String {
    if short.is_empty() {
        return notes.to_owned();
    }
    let missing: Vec<String> = short
        .iter()
        .map(|s| format!("{} {} of {}", s.needed, s.unit, s.name))
        .collect();
    let line = format!("Started without: {}", missing.join("; "));
    if notes.is_empty() {
        line
    } else {
        format!("{notes}\n{line}")
    }
}
