use super::{
    super::{BatchError, model::BatchStatus, queries},
    finish::give_back,
};
use crate::{
    inventory::{self, ActionKind, InventoryError, Recorded},
    kernel::{Money, Quantity, ids::ActionId},
    platform::OrgTx,
};

/// Takes back any action on stock. What belongs to a batch moves the batch back a step as well:
/// completed or failed to in progress, started to cancelled.
#[tracing::instrument(name = "core.batches.undo", skip_all, fields(action.id = %id), err(level = "debug"))]
pub async fn undo(tx: &mut OrgTx, id: ActionId) -> Result<Recorded, BatchError> {
    let action = inventory::action(tx, id)
        .await?
        .ok_or(InventoryError::NoAction)?;
    let Some(batch) = action.batch_id.filter(|_| action.kind.is_of_batch()) else {
        return Ok(inventory::reverse(tx, &action, ActionKind::Reversal).await?);
    };
    if action.reverses_id.is_some() {
        return Err(InventoryError::IsReversal.into());
    }
    let mut batch = queries::lock(tx, batch).await?.ok_or(BatchError::NoBatch)?;
    let last = queries::last_step(tx, batch.id).await?;
    if last.as_ref().map(|last| last.id) != Some(id) {
        let undone = !inventory::reversed_already(tx, vec![id]).await?.is_empty();
        return Err(if undone {
            InventoryError::AlreadyUndone.into()
        } else {
            BatchError::NotTheLastStep { label: batch.label }
        });
    }
    match action.kind {
        ActionKind::BatchStart => {
            let value = batch.input_value;
            give_back(tx, batch, ActionKind::Reversal).await?;
            Ok(Recorded {
                action: id,
                lots: Vec::new(),
                quantity: Quantity::ZERO,
                value,
            })
        }
        ActionKind::BatchCompletion | ActionKind::BatchFailure => {
            let recorded = inventory::reverse(tx, &action, ActionKind::Reversal).await?;
            queries::delete_outputs(tx, batch.id).await?;
            batch.status = BatchStatus::InProgress;
            batch.output_value = Money::ZERO;
            batch.lost_value = Money::ZERO;
            batch.final_quantity = None;
            batch.final_unit = None;
            batch.status_reason.clear();
            batch.finished_at = None;
            queries::set_state(tx, &batch).await?;
            Ok(recorded)
        }
        kind => Err(InventoryError::WrongKind {
            kind: kind.as_str(),
        }
        .into()),
    }
}
