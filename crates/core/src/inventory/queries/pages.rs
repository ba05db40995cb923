//! Reads shaped like the pages that ask them, so that a page stays within its few statements.
use super::super::{
    model::{Item, Lot},
    overview::{Activity, ItemBrief, Overview, TypeTotals},
};
use crate::{
    kernel::{StoreError, ids::ItemId},
    platform::{OrgTx, prepared::statements},
    schema::{inventory_items, inventory_lots},
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Bool, Jsonb},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;

statements! {
    OverviewOf -> (Jsonb, Jsonb, Jsonb, Bool):
        "SELECT
           (SELECT coalesce(jsonb_agg(t ORDER BY t.value DESC, t.item_type), '[]') FROM (
              SELECT type AS item_type, sum(items)::bigint AS items,
                  least(sum(value), 9223372036854775807)::bigint AS value, sum(low)::bigint AS low
              FROM inventory_sums WHERE organization_id = $1 GROUP BY type HAVING sum(items) > 0) t),
           (SELECT coalesce(jsonb_agg(l ORDER BY l.percent_left, l.id), '[]') FROM (
              SELECT id, name, type AS item_type, dimension, unit, density, quantity,
                  low_stock_threshold AS threshold, percent_left
              FROM inventory_items
              WHERE organization_id = $1 AND archived_at IS NULL AND is_low
              ORDER BY percent_left, id LIMIT $2) l),
           (SELECT coalesce(jsonb_agg(r ORDER BY r.id DESC), '[]') FROM (
              SELECT a.id, a.kind, a.recorded_at, a.batch_id, a.reverses_id IS NOT NULL AS is_reversal,
                  u.id IS NOT NULL AS is_undone, a.note, a.price, coalesce(m.items, 0) AS items,
                  coalesce(m.value, 0) AS value, i.id AS item_id, i.name AS item_name, i.type AS item_type,
                  a.batch_id IS NULL OR NOT EXISTS (
                      SELECT FROM inventory_actions n
                      WHERE n.organization_id = $1 AND n.batch_id = a.batch_id AND n.id > a.id AND n.reverses_id IS NULL
                        AND NOT EXISTS (SELECT FROM inventory_actions nu
                            WHERE nu.organization_id = $1 AND nu.reverses_id = n.id)) AS is_last_step,
                  EXISTS (SELECT FROM inventory_lots l WHERE l.organization_id = $1 AND l.action_id = a.id
                      AND l.quantity < l.received_quantity) AS is_used
              FROM (SELECT * FROM inventory_actions WHERE organization_id = $1 ORDER BY id DESC LIMIT $2) a
              LEFT JOIN inventory_actions u ON u.organization_id = $1 AND u.reverses_id = a.id
              LEFT JOIN LATERAL (
                  SELECT count(DISTINCT m.item_id) AS items, min(m.item_id) AS item_id, sum(m.value)::bigint AS value
                  FROM inventory_movements m WHERE m.organization_id = $1 AND m.action_id = a.id) m ON true
              LEFT JOIN inventory_items i ON i.organization_id = $1 AND i.id = m.item_id) r),
           EXISTS (SELECT FROM inventory_actions WHERE organization_id = $1 AND kind = 'sale')";
}

/// The organisation's stock at a glance; `most` of what runs low and of what was done last.
pub async fn overview(tx: &mut OrgTx, most: i64) -> Result<Overview, StoreError> {
    let (types, low, recent, has_sold): (Value, Value, Value, bool) = OverviewOf::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(most)
        .get_result(tx.conn())
        .await?;
    Ok(Overview {
        types: read::<TypeTotals>(types)?,
        low: read::<ItemBrief>(low)?,
        recent: read::<Activity>(recent)?,
        has_sold,
    })
}

/// Rows that the database gathered into one value.
fn read<T: serde::de::DeserializeOwned>(rows: Value) -> Result<Vec<T>, StoreError> {
    let rows = serde_json::from_value(rows)
        .map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))?;
    Ok(rows)
}

/// An item and the first `limit` of its lots in the order they came; those used up only when
/// `with_empty`.
pub async fn item_with_lots(
    tx: &mut OrgTx,
    id: ItemId,
    with_empty: bool,
    limit: u16,
) -> Result<Option<(Item, Vec<Lot>)>, StoreError> {
    // Chosen before the join, where the index says which come first.
    let first = sql::<Bool>(
        "inventory_lots.id = ANY(ARRAY(SELECT l.id FROM inventory_lots l WHERE l.organization_id = ",
    )
    .bind::<BigInt, _>(tx.organization())
    .sql(" AND l.item_id = ")
    .bind::<BigInt, _>(id)
    .sql(" AND (l.has_stock OR ")
    .bind::<Bool, _>(with_empty)
    .sql(") ORDER BY l.received_at, l.id LIMIT ")
    .bind::<BigInt, _>(i64::from(limit))
    .sql("))");
    let rows: Vec<(Item, Option<Lot>)> = inventory_items::table
        .left_join(
            inventory_lots::table.on(inventory_lots::organization_id
                .eq(inventory_items::organization_id)
                .and(inventory_lots::item_id.eq(inventory_items::id))
                .and(first)),
        )
        .filter(inventory_items::organization_id.eq(tx.organization()))
        .filter(inventory_items::id.eq(id))
        .order((inventory_lots::received_at, inventory_lots::id))
        .limit(i64::from(limit))
        .select((Item::as_select(), Option::<Lot>::as_select()))
        .load(tx.conn())
        .await?;
    let mut item = None;
    let lots = rows
        .into_iter()
        .filter_map(|(of, lot)| {
            item.get_or_insert(of);
            lot
        })
        .collect();
    Ok(item.map(|item| (item, lots)))
}

/// What there is on the shelf of several items, lot by lot in the order they came.
pub async fn lots_of_items(
    tx: &mut OrgTx,
    items: Vec<ItemId>,
    limit: u16,
) -> Result<Vec<Lot>, StoreError> {
    Ok(inventory_lots::table
        .filter(inventory_lots::organization_id.eq(tx.organization()))
        .filter(inventory_lots::item_id.eq_any(items))
        .filter(inventory_lots::has_stock)
        .order((inventory_lots::received_at, inventory_lots::id))
        .limit(i64::from(limit))
        .select(Lot::as_select())
        .load(tx.conn())
        .await?)
}
