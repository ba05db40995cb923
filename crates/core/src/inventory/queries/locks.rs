//! Locks: on items in id order, then on their lots in id order.
use super::super::{model::Item, rules::LotBalance};
use crate::{
    kernel::{
        Money, Quantity, StoreError,
        ids::{ItemId, LotId},
    },
    organizations::CostingMethod,
    platform::{OrgTx, prepared::statements},
    schema::{inventory_items, organizations},
};
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Bool, Nullable, Timestamptz},
};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

/// Locks items in id order and reads how the organisation takes stock. `NO KEY`, so that a recipe
/// may still name an item while a batch takes from it.
pub(in super::super) async fn lock_items(
    tx: &mut OrgTx,
    ids: &[ItemId],
) -> Result<(Vec<Item>, CostingMethod), StoreError> {
    let organization = tx.organization();
    let method = organizations::table
        .filter(organizations::id.eq(organization))
        .select(organizations::costing_method)
        .single_value();
    let rows: Vec<(Item, Option<CostingMethod>)> = inventory_items::table
        .filter(inventory_items::organization_id.eq(organization))
        .filter(inventory_items::id.eq_any(ids.to_vec()))
        .order(inventory_items::id)
        .select((Item::as_select(), method))
        .for_no_key_update()
        .load(tx.conn())
        .await?;
    let method = rows
        .iter()
        .find_map(|(_, method)| *method)
        .unwrap_or(CostingMethod::Fifo);
    Ok((rows.into_iter().map(|(item, _)| item).collect(), method))
}

statements! {
    /// Of each item, the first lots in taking order that together hold what is wanted.
    LockLotsToTake -> (BigInt, BigInt, BigInt, BigInt, Timestamptz, Nullable<Timestamptz>):
        "SELECT l.item_id, l.id, l.quantity, l.value, l.received_at, l.expires_at
         FROM inventory_lots l
         JOIN (
             SELECT c.id, w.wanted,
                 sum(c.quantity) OVER (
                     PARTITION BY c.item_id
                     ORDER BY CASE WHEN $6 THEN c.expires_at END NULLS LAST, c.received_at, c.id
                 ) - c.quantity AS before
             FROM unnest($2, $3) AS w (item_id, wanted)
             JOIN inventory_lots c ON c.organization_id = $1 AND c.item_id = w.item_id
             WHERE c.has_stock AND c.received_at <= $4
               AND ($5 OR c.expires_at IS NULL OR c.expires_at > $4)
         ) first ON first.id = l.id AND first.before < first.wanted
         WHERE l.organization_id = $1
         ORDER BY l.id
         FOR NO KEY UPDATE OF l";
}

pub(in super::super) async fn lock_lots_to_take(
    tx: &mut OrgTx,
    wanted: &BTreeMap<ItemId, Quantity>,
    at: DateTime<Utc>,
    with_expired: bool,
    method: CostingMethod,
) -> Result<Vec<(ItemId, LotBalance)>, StoreError> {
    type Row = (
        ItemId,
        LotId,
        Quantity,
        Money,
        DateTime<Utc>,
        Option<DateTime<Utc>>,
    );
    let (items, quantities): (Vec<ItemId>, Vec<Quantity>) =
        wanted.iter().map(|(i, q)| (*i, *q)).unzip();
    let rows: Vec<Row> = LockLotsToTake::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(items)
        .bind::<Array<BigInt>, _>(quantities)
        .bind::<Timestamptz, _>(at)
        .bind::<Bool, _>(with_expired)
        .bind::<Bool, _>(method == CostingMethod::Fefo)
        .load(tx.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(item, id, quantity, value, received_at, expires_at)| {
            let lot = LotBalance {
                id,
                quantity,
                value,
                received_at,
                expires_at,
            };
            (item, lot)
        })
        .collect())
}
