//! Reads shaped like the pages that ask them, so that a page stays within its few statements.
use super::super::{
    model::{Batch, BatchLine, BatchOutput, BatchStatus},
    overview::{BatchBrief, BatchKey, BatchPage, Made, Overview, Step, Week},
};
use crate::{
    inventory::{Action, Item, Lot, joining_undo},
    kernel::{
        Cursor, Page, StoreError,
        ids::{ActionId, BatchId, RecipeId},
    },
    platform::{OrgTx, prepared::statements},
    schema::{
        batch_lines, batch_outputs, batches, inventory_actions, inventory_items, inventory_lots,
    },
};
use chrono::{DateTime, Utc};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Bool, Jsonb, Nullable, Timestamptz},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;

statements! {
    OverviewOf -> (BigInt, BigInt, Jsonb, Jsonb, Nullable<BigInt>, Bool):
        "SELECT count(*), coalesce(sum(input_value), 0)::bigint,
           (SELECT coalesce(jsonb_agg(b ORDER BY b.id DESC), '[]') FROM (
              SELECT id, label, recipe_name, scale, projected_yield, yield_unit, input_value, started_at
              FROM batches WHERE organization_id = $1 AND status = 'in_progress'
              ORDER BY id DESC LIMIT $2) b),
           (SELECT coalesce(jsonb_agg(w ORDER BY w.week), '[]') FROM (
              SELECT date_trunc('week', finished_at, 'UTC') AS week, count(*) AS batches,
                  sum(output_value)::bigint AS value
              FROM batches WHERE organization_id = $1 AND status = 'completed' AND finished_at >= $3
              GROUP BY 1) w),
           (SELECT id FROM recipes WHERE organization_id = $1 AND is_current AND archived_at IS NULL
            ORDER BY id DESC LIMIT 1),
           EXISTS (SELECT FROM batches WHERE organization_id = $1)
         FROM batches WHERE organization_id = $1 AND status = 'in_progress'";
}

/// What is being made, and what was made per week since `since`.
pub async fn overview(
    tx: &mut OrgTx,
    since: DateTime<Utc>,
    most: i64,
) -> Result<Overview, StoreError> {
    let row: (
        i64,
        crate::kernel::Money,
        Value,
        Value,
        Option<RecipeId>,
        bool,
    ) = OverviewOf::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(most)
        .bind::<Timestamptz, _>(since)
        .get_result(tx.conn())
        .await?;
    let (in_progress, tied_up, current, weeks, newest_recipe, has_made) = row;
    Ok(Overview {
        in_progress,
        tied_up,
        current: read::<BatchBrief>(current)?,
        weeks: read::<Week>(weeks)?,
        newest_recipe,
        has_made,
    })
}

/// Rows that the database gathered into one value.
fn read<T: serde::de::DeserializeOwned>(rows: Value) -> Result<Vec<T>, StoreError> {
    let rows = serde_json::from_value(rows)
        .map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))?;
    Ok(rows)
}

/// Batches that have ended one way or another, the newest first, a page at a time.
pub async fn finished(
    tx: &mut OrgTx,
    recipe: Option<RecipeId>,
    before: Option<&Cursor>,
    limit: u16,
) -> Result<Page<Batch>, StoreError> {
    let mut query = batches::table
        .filter(batches::organization_id.eq(tx.organization()))
        .filter(batches::status.ne(BatchStatus::InProgress))
        .into_boxed();
    if let Some(recipe) = recipe {
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

/// A batch, the last of its steps, and one of its lines.
type PageRow = (Batch, Option<ActionId>, Option<BatchLine>, Option<Item>);

/// A batch with its lines, their items, and the last of its steps that nothing has taken back.
pub async fn batch_page(tx: &mut OrgTx, key: &BatchKey) -> Result<Option<BatchPage>, StoreError> {
    let last_step = sql::<Nullable<BigInt>>(
        "(SELECT max(a.id) FROM inventory_actions a
          WHERE a.organization_id = batches.organization_id AND a.batch_id = batches.id AND a.reverses_id IS NULL
            AND NOT EXISTS (SELECT FROM inventory_actions u
                WHERE u.organization_id = a.organization_id AND u.reverses_id = a.id))",
    );
    let mut query = batches::table
        .left_join(
            batch_lines::table.on(batch_lines::organization_id
                .eq(batches::organization_id)
                .and(batch_lines::batch_id.eq(batches::id))),
        )
        .left_join(
            inventory_items::table.on(inventory_items::organization_id
                .nullable()
                .eq(batch_lines::organization_id.nullable())
                .and(
                    inventory_items::id
                        .nullable()
                        .eq(batch_lines::item_id.nullable()),
                )),
        )
        .filter(batches::organization_id.eq(tx.organization()))
        .into_boxed();
    query = match key {
        BatchKey::Id(id) => query.filter(batches::id.eq(*id)),
        BatchKey::Label(label) => query.filter(batches::label.eq(label.clone())),
    };
    let rows: Vec<PageRow> = query
        .order(batch_lines::position)
        .select((
            Batch::as_select(),
            last_step,
            Option::<BatchLine>::as_select(),
            Option::<Item>::as_select(),
        ))
        .load(tx.conn())
        .await?;
    let mut page = None;
    for (batch, last_step, line, item) in rows {
        let page: &mut BatchPage = page.get_or_insert_with(|| BatchPage {
            batch,
            last_step,
            lines: Vec::new(),
        });
        page.lines.extend(line.zip(item));
    }
    Ok(page)
}

/// A step, what took it back, and one of the lots that came of it.
type StepRow = (
    Action,
    Option<ActionId>,
    Option<BatchOutput>,
    Option<Item>,
    Option<Lot>,
);

/// What was done with a batch, oldest first, and the lots that came of each step.
pub async fn steps(tx: &mut OrgTx, batch: BatchId) -> Result<Vec<Step>, StoreError> {
    let undo = diesel::alias!(inventory_actions as undo);
    let rows: Vec<StepRow> = inventory_actions::table
        .left_join(joining_undo!(undo))
        .left_join(
            batch_outputs::table.on(batch_outputs::organization_id
                .eq(inventory_actions::organization_id)
                .and(batch_outputs::action_id.eq(inventory_actions::id))),
        )
        .left_join(
            inventory_items::table.on(inventory_items::organization_id
                .eq(inventory_actions::organization_id)
                .and(
                    inventory_items::id
                        .nullable()
                        .eq(batch_outputs::item_id.nullable()),
                )),
        )
        .left_join(
            inventory_lots::table.on(inventory_lots::organization_id
                .eq(inventory_actions::organization_id)
                .and(
                    inventory_lots::id
                        .nullable()
                        .eq(batch_outputs::lot_id.nullable()),
                )),
        )
        .filter(inventory_actions::organization_id.eq(tx.organization()))
        .filter(inventory_actions::batch_id.eq(batch))
        .order((inventory_actions::id, inventory_lots::id))
        .select((
            Action::as_select(),
            undo.field(inventory_actions::id).nullable(),
            Option::<BatchOutput>::as_select(),
            Option::<Item>::as_select(),
            Option::<Lot>::as_select(),
        ))
        .load(tx.conn())
        .await?;
    let mut steps: Vec<Step> = Vec::new();
    for (action, undone_by, output, item, lot) in rows {
        if steps.last().is_none_or(|step| step.action.id != action.id) {
            steps.push(Step {
                action,
                undone_by,
                made: Vec::new(),
            });
        }
        if let (Some(step), Some(output), Some(item), Some(lot)) =
            (steps.last_mut(), output, item, lot)
        {
            step.made.push(Made { output, item, lot });
        }
    }
    Ok(steps)
}
