use super::super::{
    BatchError,
    model::{Batch, BatchStatus},
    queries,
};
use crate::{
    inventory::{self, ActionKind, Draft, Ledger, NewLot, Recorded},
    kernel::{
        Money, Quantity, Scale, Unit,
        ids::{BatchId, ItemId},
        quantity, share,
    },
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
};
use chrono::{DateTime, Days, Utc};
use serde_json::json;

/// Kinds of things one batch may come out as.
const MOST_OUTPUTS: usize = 100;

/// What came of a batch.
#[derive(Debug, Clone)]
pub struct Completion {
    pub batch: BatchId,
    pub outputs: Vec<OutputLine>,
    /// When it spoils; `None` follows from each item's shelf life.
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
pub struct OutputLine {
    pub item: ItemId,
    /// In millionths of `unit`.
    pub amount: Quantity,
    pub unit: &'static Unit,
    /// Its part of the batch's value beside the other outputs': the quantity, unless one is worth
    /// more than another.
    pub weight: i64,
}

/// Completes a batch: each output becomes a lot, and together they carry all that went in, shared
/// by largest remainder.
#[tracing::instrument(name = "core.batches.complete", skip_all, fields(batch.id = %completion.batch), err(level = "debug"))]
pub async fn complete(tx: &mut OrgTx, completion: Completion) -> Result<Recorded, BatchError> {
    let mut batch = in_progress(tx, completion.batch, "completed").await?;
    let first = completion.outputs.first().ok_or(BatchError::NoOutput)?;
    if completion.outputs.len() > MOST_OUTPUTS {
        return Err(BatchError::TooManyOutputs {
            outputs: completion.outputs.len(),
            most: MOST_OUTPUTS,
        });
    }
    let (final_quantity, final_unit) = (first.amount, first.unit.name);
    completion.expires_at.map_or(Ok(()), inventory::real_date)?;
    let now = tx.now();
    let mut ids: Vec<ItemId> = completion
        .outputs
        .iter()
        .map(|output| output.item)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let ledger = Ledger::lock(tx, &ids).await?;
    let weights: Vec<i64> = completion
        .outputs
        .iter()
        .map(|output| output.weight)
        .collect();
    let values = share::split(batch.input_value, &weights).ok_or(BatchError::NoOutput)?;

    let mut draft = Draft::new(ActionKind::BatchCompletion, now);
    draft.batch = Some(batch.id);
    draft.note.clone_from(&batch.label);
    let (mut made, mut total) = (Vec::new(), Quantity::ZERO);
    let made_before = queries::lots_made(tx, batch.id).await?;
    for ((output, value), number) in completion.outputs.iter().zip(values).zip(1..) {
        let item = ledger.item(output.item)?;
        if item.archived_at.is_some() {
            let name = item.name.clone();
            return Err(inventory::InventoryError::Archived { name }.into());
        }
        let quantity = inventory::stock_quantity(item, output.amount, output.unit, Scale::ONE)?;

        let shelf_life = item
            .shelf_life_days
            .and_then(|days| u64::try_from(days).ok());
        let expires_at = completion
            .expires_at
            .or_else(|| now.checked_add_days(Days::new(shelf_life?)));
        if expires_at.is_some_and(|at| at <= now) {
            return Err(inventory::InventoryError::ExpiresBeforeReceipt.into());
        }
        let lot = NewLot {
            code: lot_code(&batch, made_before + number),
            received_at: now,
            expires_at,
            supplier: None,
            batch: Some(batch.id),
        };
        draft.bring(item.id, lot, quantity, value);
        total = total.checked_add(quantity).unwrap_or(total);
        made.push((item.id, quantity, value));
    }
    let done = ledger.record(tx, vec![draft]).await?;
    let done = done.into_iter().next().ok_or(BatchError::NoBatch)?;
    let outputs: Vec<_> = made
        .into_iter()
        .zip(&done.lots)
        .map(|((item, quantity, value), lot)| (item, *lot, quantity, value))
        .collect();
    queries::insert_outputs(tx, batch.id, done.action, &outputs).await?;

    batch.status = BatchStatus::Completed;
    batch.output_value = batch.input_value;
    batch.final_quantity = Some(final_quantity);
    batch.final_unit = Some(final_unit.to_owned());
    batch.finished_at = Some(now);
    queries::set_state(tx, &batch).await?;
    let properties = json!({
        "label_code": batch.label,
        "final_quantity": final_quantity,
        "output_unit": final_unit,
        "completed_at": now,
        "containment_efficiency": null,
        "yield_accuracy_variance_pct": yield_variance(&batch),
        "overall_freshness_percent": null,
        "output_value": batch.output_value,
    });
    emit(tx, Event::BatchCompleted, &batch, properties).await?;
    Ok(Recorded {
        action: done.action,
        lots: done.lots,
        quantity: total,
        value: batch.output_value,
    })
}

/// Lots of a batch bear its label. A second output, or a second completion after an undo, gets a
/// number, since the lots of the first remain in the books.
fn lot_code(batch: &Batch, number: usize) -> String {
    match number {
        1 => batch.label.clone(),
        n => format!("{}/{n}", batch.label),
    }
}

/// Gives a batch up: what went in is lost.
#[tracing::instrument(name = "core.batches.fail", skip_all, fields(batch.id = %id), err(level = "debug"))]
pub async fn fail(tx: &mut OrgTx, id: BatchId, reason: String) -> Result<Batch, BatchError> {
    let mut batch = in_progress(tx, id, "failed").await?;
    let mut draft = Draft::new(ActionKind::BatchFailure, tx.now());
    draft.batch = Some(id);
    draft.note.clone_from(&reason);
    Ledger::none().record(tx, vec![draft]).await?;
    batch.status = BatchStatus::Failed;
    batch.lost_value = batch.input_value;
    batch.status_reason = reason;
    batch.finished_at = Some(tx.now());
    queries::set_state(tx, &batch).await?;
    let properties = json!({
        "label_code": batch.label,
        "reason": batch.status_reason,
        "lost_value": batch.lost_value,
    });
    emit(tx, Event::BatchFailed, &batch, properties).await?;
    Ok(batch)
}

/// Calls a batch off: everything goes back to exactly the lots it came from, at what it cost.
#[tracing::instrument(name = "core.batches.cancel", skip_all, fields(batch.id = %id), err(level = "debug"))]
pub async fn cancel(tx: &mut OrgTx, id: BatchId) -> Result<Batch, BatchError> {
    let batch = in_progress(tx, id, "cancelled").await?;
    give_back(tx, batch, ActionKind::BatchCancellation).await
}

/// Takes back what a batch took from stock, and leaves it cancelled.
pub(super) async fn give_back(
    tx: &mut OrgTx,
    mut batch: Batch,
    kind: ActionKind,
) -> Result<Batch, BatchError> {
    let takings = queries::takings(tx, batch.id).await?;
    let restored = inventory::reverse_many(tx, &takings, kind).await?;
    batch.status = BatchStatus::Cancelled;
    let value = batch.input_value;
    batch.input_value = Money::ZERO;
    batch.finished_at = Some(tx.now());
    queries::set_state(tx, &batch).await?;
    let actions: Vec<_> = restored.iter().map(|r| r.action).collect();
    let properties = json!({
        "label_code": batch.label,
        "restoration_summary": { "value": value, "actions": actions },
    });
    emit(tx, Event::BatchCancelled, &batch, properties).await?;
    Ok(batch)
}

/// By how many percent more came of it than was expected, where the two can be compared.
fn yield_variance(batch: &Batch) -> Option<Quantity> {
    let came = batch
        .final_quantity
        .filter(|_| batch.final_unit.as_ref() == Some(&batch.yield_unit))?;
    let more = came.checked_sub(batch.projected_yield)?;
    quantity::mul_div_half_up(more.get(), 100_000_000, batch.projected_yield.get())
        .map(Quantity::micros)
}

async fn in_progress(tx: &mut OrgTx, id: BatchId, verb: &'static str) -> Result<Batch, BatchError> {
    let batch = queries::lock(tx, id).await?.ok_or(BatchError::NoBatch)?;
    if batch.status == BatchStatus::InProgress {
        Ok(batch)
    } else {
        Err(BatchError::NotInProgress {
            label: batch.label,
            status: batch.status,
            verb,
        })
    }
}

async fn emit(
    tx: &mut OrgTx,
    event: Event,
    batch: &Batch,
    properties: serde_json::Value,
) -> Result<(), BatchError> {
    let event = NewEvent::new(event, batch.id.get(), properties);
    Ok(outbox::emit(tx, vec![event]).await?)
}
