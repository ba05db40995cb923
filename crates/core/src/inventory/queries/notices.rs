//! What an organisation's owners have not been told of their stock yet.
use super::{super::model::Lot, read::our_lots};
use crate::{
    kernel::{
        StoreError,
        ids::{ItemId, LotId},
    },
    mail::LetterKind,
    platform::{OrgTx, prepared::statements},
    schema::{inventory_lots, organizations},
};
use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods as _, QueryDsl as _, SelectableHelper as _,
    sql_types::{Array, BigInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl;

statements! {
    // Who runs low no longer may be told of again.
    NewlyLow -> BigInt:
        "WITH over AS ( \
            DELETE FROM stock_notices n WHERE n.organization_id = $1 AND n.kind = 'low_stock' \
               AND NOT EXISTS (SELECT FROM inventory_items i WHERE i.organization_id = $1 \
                                  AND i.id = n.subject_id AND i.is_low AND i.archived_at IS NULL)) \
         SELECT i.id FROM inventory_items i \
          WHERE i.organization_id = $1 AND i.is_low AND i.archived_at IS NULL \
            AND NOT EXISTS (SELECT FROM stock_notices n WHERE n.organization_id = $1 \
                               AND n.kind = 'low_stock' AND n.subject_id = i.id) \
          ORDER BY i.quantity::float8 / i.low_stock_threshold, i.id LIMIT $2";
    NewlyExpiring -> BigInt:
        "SELECT l.id FROM inventory_lots l \
          WHERE l.organization_id = $1 AND l.has_stock AND l.expires_at > $3 AND l.expires_at <= $4 \
            AND NOT EXISTS (SELECT FROM stock_notices n WHERE n.organization_id = $1 \
                               AND n.kind = 'lots_expiring' AND n.subject_id = l.id) \
          ORDER BY l.expires_at, l.id LIMIT $2";
    NoteTold:
        "INSERT INTO stock_notices (organization_id, kind, subject_id, told_at) \
         SELECT $1, $2, subject, $4 FROM unnest($3::bigint[]) AS subject ON CONFLICT DO NOTHING";
}

/// Items that have come to run low, the emptiest first.
pub(in super::super) async fn newly_low(
    tx: &mut OrgTx,
    most: i64,
) -> Result<Vec<ItemId>, StoreError> {
    Ok(NewlyLow::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(most)
        .load(tx.conn())
        .await?)
}

/// Lots with something in them that expire between now and `until`, the soonest first.
pub(in super::super) async fn newly_expiring(
    tx: &mut OrgTx,
    until: DateTime<Utc>,
    most: i64,
) -> Result<Vec<LotId>, StoreError> {
    let now = tx.now();
    Ok(NewlyExpiring::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(most)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(until)
        .load(tx.conn())
        .await?)
}

/// These lots as they are now, the soonest to expire first.
pub(in super::super) async fn soonest_first(
    tx: &mut OrgTx,
    lots: Vec<LotId>,
) -> Result<Vec<Lot>, StoreError> {
    Ok(our_lots(tx.organization())
        .filter(inventory_lots::id.eq_any(lots))
        .order((inventory_lots::expires_at, inventory_lots::id))
        .select(Lot::as_select())
        .load(tx.conn())
        .await?)
}

pub(in super::super) async fn note_told(
    tx: &mut OrgTx,
    kind: LetterKind,
    subjects: Vec<i64>,
) -> Result<(), StoreError> {
    let now = tx.now();
    NoteTold::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Text, _>(kind)
        .bind::<Array<BigInt>, _>(subjects)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What the organisation is called.
pub(in super::super) async fn our_name(tx: &mut OrgTx) -> Result<String, StoreError> {
    Ok(organizations::table
        .filter(organizations::id.eq(tx.organization()))
        .select(organizations::name)
        .first(tx.conn())
        .await?)
}
