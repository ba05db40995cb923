//! What an organisation's stock amounts to, kept by whatever changes items.
//!
//! A sum that is counted when it is asked for takes the longer the more there is; one that is kept in
//! one row makes every writer wait for the last. So it is kept in several: a writer adds what it
//! changes to the first row that nobody holds. Each of these statements locks items first, and none
//! waits for a row of sums.
use super::super::model::Totals;
use crate::{
    kernel::{Money, StoreError},
    platform::{OrgTx, prepared::statements},
};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

/// The common tables `delta` and what follows from it; the rows of `changed` say what is new, and those
/// of `before` what was.
macro_rules! keeping_sums {
    () => {
        ", delta AS (
             SELECT d.type, sum(d.items) AS items, sum(d.low) AS low, sum(d.value) AS value FROM (
                 SELECT type, 1 AS items, is_low::int AS low, value FROM changed WHERE is_listed
                 UNION ALL
                 SELECT b.type, -1, -b.is_low::int, -b.value FROM before b JOIN changed c ON c.id = b.id
                 WHERE b.is_listed) d
             GROUP BY d.type HAVING sum(d.items) <> 0 OR sum(d.low) <> 0 OR sum(d.value) <> 0),
         free AS (
             SELECT d.*, s.id FROM delta d LEFT JOIN LATERAL (
                 SELECT s.id FROM inventory_sums s WHERE s.organization_id = $1 AND s.type = d.type
                 ORDER BY s.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) s ON true),
         added AS (
             UPDATE inventory_sums s SET items = s.items + f.items, low = s.low + f.low, value = s.value + f.value
             FROM free f WHERE s.organization_id = $1 AND s.id = f.id),
         opened AS (
             INSERT INTO inventory_sums (organization_id, type, items, low, value)
             SELECT $1, type, items, low, value FROM free WHERE id IS NULL)"
    };
}

/// Changes the items of `$ids`: `$set` and `$from` are the rest of an `UPDATE inventory_items i` that
/// goes by `before b`, the items as they were.
macro_rules! changing_items {
    ($ids:literal, $set:literal, $from:literal) => {
        concat!(
            "WITH before AS MATERIALIZED (
                 SELECT id, type, is_low, value, archived_at IS NULL AS is_listed FROM inventory_items
                 WHERE organization_id = $1 AND id = ANY(",
            $ids,
            ") ORDER BY id FOR NO KEY UPDATE),
             changed AS (
                 UPDATE inventory_items i SET ",
            $set,
            " FROM before b",
            $from,
            " WHERE i.organization_id = $1 AND i.id = b.id",
            " RETURNING i.id, i.type, i.is_low, i.value, i.archived_at IS NULL AS is_listed)",
            keeping_sums!(),
            " SELECT FROM changed"
        )
    };
}
pub(super) use {changing_items, keeping_sums};

statements! {
    TotalsOf -> (BigInt, BigInt, BigInt):
        "SELECT coalesce(sum(items), 0)::bigint, coalesce(sum(low), 0)::bigint,
             least(coalesce(sum(value), 0), 9223372036854775807)::bigint
         FROM inventory_sums WHERE organization_id = $1";
}

pub async fn totals(tx: &mut OrgTx) -> Result<Totals, StoreError> {
    let (items, low, value) = TotalsOf::prepared()
        .bind::<BigInt, _>(tx.organization())
        .get_result::<(i64, i64, Money)>(tx.conn())
        .await?;
    Ok(Totals { items, low, value })
}
