mod pages;

pub use self::pages::{batch_page, finished, overview, steps};
use super::model::{Batch, BatchFilter, BatchLine, BatchOutput, BatchStatus, BatchType};
use crate::{
    inventory::{Action, ActionKind, joining_undo},
    kernel::{
        Cursor, Money, Page, Quantity, Scale, StoreError,
        ids::{ActionId, BatchId, ItemId, LotId, OrganizationId, RecipeId, UserId},
    },
    platform::{OrgTx, prepared::statements},
    schema::{batch_lines, batch_outputs, batches, inventory_actions},
};
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

#[diesel::dsl::auto_type]
fn ours(organization: OrganizationId) -> _ {
    batches::table.filter(batches::organization_id.eq(organization))
}

pub async fn batch(tx: &mut OrgTx, id: BatchId) -> Result<Option<Batch>, StoreError> {
    Ok(ours(tx.organization())
        .filter(batches::id.eq(id))
        .select(Batch::as_select())
        .first(tx.conn())
        .await
        .optional()?)
}

pub async fn batch_by_label(tx: &mut OrgTx, label: &str) -> Result<Option<Batch>, StoreError> {
    Ok(ours(tx.organization())
        .filter(batches::label.eq(label))
        .select(Batch::as_select())
        .first(tx.conn())
        .await
        .optional()?)
}

/// The batch, held until the commit: its steps happen one after the other.
pub(super) async fn lock(tx: &mut OrgTx, id: BatchId) -> Result<Option<Batch>, StoreError> {
    Ok(ours(tx.organization())
        .filter(batches::id.eq(id))
        .select(Batch::as_select())
        .for_no_key_update()
        .first(tx.conn())
        .await
        .optional()?)
}

pub async fn lines(tx: &mut OrgTx, batch: BatchId) -> Result<Vec<BatchLine>, StoreError> {
    Ok(batch_lines::table
        .filter(batch_lines::organization_id.eq(tx.organization()))
        .filter(batch_lines::batch_id.eq(batch))
        .order(batch_lines::position)
        .select(BatchLine::as_select())
        .load(tx.conn())
        .await?)
}

pub async fn outputs(tx: &mut OrgTx, batch: BatchId) -> Result<Vec<BatchOutput>, StoreError> {
    Ok(batch_outputs::table
        .filter(batch_outputs::organization_id.eq(tx.organization()))
        .filter(batch_outputs::batch_id.eq(batch))
        .order(batch_outputs::lot_id)
        .select(BatchOutput::as_select())
        .load(tx.conn())
        .await?)
}

/// Batches, the newest first, a page at a time.
pub async fn list(
    tx: &mut OrgTx,
    filter: &BatchFilter,
    before: Option<&Cursor>,
    limit: u16,
) -> Result<Page<Batch>, StoreError> {
    let mut query = ours(tx.organization()).into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(batches::status.eq(status));
    }
    if let Some(recipe) = filter.recipe {
        query = query.filter(batches::recipe_id.eq(recipe));
    }
    if let Some(before) = before {
        query = query.filter(batches::id.lt(before.id));
    }
    let rows = query
        .order(batches::id.desc())
        .limit(i64::from(limit) + 1)
        .select(Batch::as_select())
        .load(tx.conn())
        .await?;
    Ok(Page::of(rows, usize::from(limit), |batch: &Batch| Cursor {
        key: String::new(),
        id: batch.id.get(),
    }))
}

/// The last action of a batch that nothing has taken back.
pub async fn last_step(tx: &mut OrgTx, batch: BatchId) -> Result<Option<Action>, StoreError> {
    Ok(standing(tx, batch).await?.pop())
}

/// The actions by which a batch took stock, oldest first, those taken back left out.
pub(super) async fn takings(tx: &mut OrgTx, batch: BatchId) -> Result<Vec<Action>, StoreError> {
    let mut steps = standing(tx, batch).await?;
    steps.retain(|step| matches!(step.kind, ActionKind::BatchStart | ActionKind::BatchExtra));
    Ok(steps)
}

/// The actions of a batch that stand: nothing has taken them back, and they take nothing back
/// themselves. Oldest first.
async fn standing(tx: &mut OrgTx, batch: BatchId) -> Result<Vec<Action>, StoreError> {
    let undo = diesel::alias!(inventory_actions as undo);
    Ok(inventory_actions::table
        .left_join(joining_undo!(undo))
        .filter(inventory_actions::organization_id.eq(tx.organization()))
        .filter(inventory_actions::batch_id.eq(batch))
        .filter(inventory_actions::reverses_id.is_null())
        .filter(undo.field(inventory_actions::id).is_null())
        .order(inventory_actions::id)
        .select(Action::as_select())
        .load(tx.conn())
        .await?)
}

#[derive(Insertable)]
#[diesel(table_name = batches)]
pub(super) struct BatchRow<'a> {
    pub(super) organization_id: OrganizationId,
    pub(super) label: &'a str,
    pub(super) recipe_id: RecipeId,
    pub(super) recipe_name: &'a str,
    pub(super) status: BatchStatus,
    pub(super) batch_type: BatchType,
    pub(super) scale: Scale,
    pub(super) projected_yield: Quantity,
    pub(super) yield_unit: &'a str,
    pub(super) notes: &'a str,
    pub(super) input_value: Money,
    pub(super) started_at: DateTime<Utc>,
    pub(super) started_by: Option<UserId>,
}

pub(super) async fn insert(tx: &mut OrgTx, row: &BatchRow<'_>) -> Result<BatchId, StoreError> {
    Ok(diesel::insert_into(batches::table)
        .values(row)
        .returning(batches::id)
        .get_result(tx.conn())
        .await?)
}

statements! {
    /// Three digits at least; the counter is held until the commit.
    Label -> (Text,):
        "WITH next AS (
             INSERT INTO batch_label_counters (organization_id, year, last_number) VALUES ($1, $3, 1)
             ON CONFLICT (organization_id, year)
             DO UPDATE SET last_number = batch_label_counters.last_number + 1
             RETURNING last_number::text AS number)
         UPDATE batches SET label = $4 || lpad(number, greatest(3, length(number)), '0')
         FROM next WHERE organization_id = $1 AND id = $2
         RETURNING label";
    InsertLines:
        "INSERT INTO batch_lines (organization_id, batch_id, position, kind, item_id, item_name, amount, unit,
             quantity, value, is_skipped)
         SELECT $1, $2, l.* FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11) AS l";
    InsertOutputs:
        "INSERT INTO batch_outputs (organization_id, batch_id, action_id, item_id, lot_id, quantity, value)
         SELECT $1, $2, $3, o.* FROM unnest($4, $5, $6, $7) AS o";
    DeleteOutputs: "DELETE FROM batch_outputs WHERE organization_id = $1 AND batch_id = $2";
    SetState:
        "UPDATE batches SET status = $3, input_value = $4, output_value = $5, lost_value = $6,
             final_quantity = $7, final_unit = $8, status_reason = $9, finished_at = $10
         WHERE organization_id = $1 AND id = $2";
    CountsOf -> (BigInt, BigInt, BigInt):
        "SELECT count(*),
             (SELECT count(*) FROM batches WHERE organization_id = $1 AND status = 'completed' AND id > $2),
             least(coalesce(sum(input_value), 0), 9223372036854775807)::bigint
         FROM batches WHERE organization_id = $1 AND status = 'in_progress'";
}

/// How many are in progress, how many of those after `since` are completed, and what is tied up in
/// the ones in progress.
pub async fn counts(tx: &mut OrgTx, since: BatchId) -> Result<(i64, i64, Money), StoreError> {
    Ok(CountsOf::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(since)
        .get_result(tx.conn())
        .await?)
}

/// Gives a batch its label: `stem` and the organisation's next number in `year`.
pub(super) async fn label(
    tx: &mut OrgTx,
    batch: BatchId,
    year: i32,
    stem: String,
) -> Result<String, StoreError> {
    let (label,): (String,) = Label::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(batch)
        .bind::<Integer, _>(year)
        .bind::<Text, _>(stem)
        .get_result(tx.conn())
        .await?;
    Ok(label)
}

pub(super) async fn insert_lines(
    tx: &mut OrgTx,
    batch: BatchId,
    lines: &[BatchLine],
) -> Result<(), StoreError> {
    fn column<T>(lines: &[BatchLine], of: impl Fn(&BatchLine) -> T) -> Vec<T> {
        lines.iter().map(of).collect()
    }
    InsertLines::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(batch)
        .bind::<Array<Integer>, _>(column(lines, |l| l.position))
        .bind::<Array<Text>, _>(column(lines, |l| l.kind))
        .bind::<Array<BigInt>, _>(column(lines, |l| l.item_id))
        .bind::<Array<Text>, _>(column(lines, |l| l.item_name.clone()))
        .bind::<Array<BigInt>, _>(column(lines, |l| l.amount))
        .bind::<Array<Text>, _>(column(lines, |l| l.unit.clone()))
        .bind::<Array<BigInt>, _>(column(lines, |l| l.quantity))
        .bind::<Array<BigInt>, _>(column(lines, |l| l.value))
        .bind::<Array<Bool>, _>(column(lines, |l| l.is_skipped))
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn insert_outputs(
    tx: &mut OrgTx,
    batch: BatchId,
    action: ActionId,
    outputs: &[(ItemId, LotId, Quantity, Money)],
) -> Result<(), StoreError> {
    InsertOutputs::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(batch)
        .bind::<BigInt, _>(action)
        .bind::<Array<BigInt>, _>(outputs.iter().map(|o| o.0).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(outputs.iter().map(|o| o.1).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(outputs.iter().map(|o| o.2).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(outputs.iter().map(|o| o.3).collect::<Vec<_>>())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn delete_outputs(tx: &mut OrgTx, batch: BatchId) -> Result<(), StoreError> {
    DeleteOutputs::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(batch)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Writes status, values and result of `batch`.
pub(super) async fn set_state(tx: &mut OrgTx, batch: &Batch) -> Result<(), StoreError> {
    SetState::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(batch.id)
        .bind::<Text, _>(batch.status)
        .bind::<BigInt, _>(batch.input_value)
        .bind::<BigInt, _>(batch.output_value)
        .bind::<BigInt, _>(batch.lost_value)
        .bind::<Nullable<BigInt>, _>(batch.final_quantity)
        .bind::<Nullable<Text>, _>(batch.final_unit.clone())
        .bind::<Text, _>(batch.status_reason.clone())
        .bind::<Nullable<Timestamptz>, _>(batch.finished_at)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// How many lots a batch has brought so far, undone ones too.
pub(super) async fn lots_made(tx: &mut OrgTx, batch: BatchId) -> Result<usize, StoreError> {
    use crate::schema::inventory_lots;
    let made: i64 = inventory_lots::table
        .filter(inventory_lots::organization_id.eq(tx.organization()))
        .filter(inventory_lots::batch_id.eq(batch))
        .count()
        .get_result(tx.conn())
        .await?;
    Ok(usize::try_from(made).unwrap_or(usize::MAX))
}
