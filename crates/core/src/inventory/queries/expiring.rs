//! Which lots are about to expire and have not been announced.
use crate::{
    kernel::{
        StoreError,
        ids::{LotId, OrganizationId},
    },
    platform::{OrgTx, SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Integer, Timestamptz};
use diesel_async::RunQueryDsl as _;

statements! {
    Organizations -> (BigInt,):
        "SELECT id FROM organizations_with_expiring_lots($1, $2, $3, $4) AS id";
    // Two at once: the second finds the row of the first, and announces nothing.
    Announce -> (BigInt,):
        "WITH due AS ( \
            SELECT l.id, l.expires_at FROM inventory_lots l \
             WHERE l.organization_id = $1 AND l.has_stock AND l.expires_at > $2 AND l.expires_at <= $3 \
               AND NOT EXISTS (SELECT FROM inventory_lot_expiries e \
                                WHERE e.organization_id = $1 AND e.lot_id = l.id AND e.expires_at = l.expires_at) \
             ORDER BY l.expires_at, l.id LIMIT $4) \
         INSERT INTO inventory_lot_expiries (organization_id, lot_id, expires_at, announced_at) \
         SELECT $1, id, expires_at, $2 FROM due ORDER BY id \
         ON CONFLICT DO NOTHING RETURNING lot_id";
}

/// Organisations after `after` with lots to announce that expire between now and `until`.
pub async fn organizations_with_expiring_lots(
    tx: &mut SystemTx,
    until: DateTime<Utc>,
    after: OrganizationId,
    most: i32,
) -> Result<Vec<OrganizationId>, StoreError> {
    let now = tx.now();
    let found: Vec<(OrganizationId,)> = Organizations::prepared()
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(until)
        .bind::<BigInt, _>(after)
        .bind::<Integer, _>(most)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Notes up to `most` lots as announced, the soonest to expire first, and says which.
pub(in super::super) async fn announce(
    tx: &mut OrgTx,
    until: DateTime<Utc>,
    most: i64,
) -> Result<Vec<LotId>, StoreError> {
    let now = tx.now();
    let announced: Vec<(LotId,)> = Announce::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(until)
        .bind::<BigInt, _>(most)
        .load(tx.conn())
        .await?;
    Ok(announced.into_iter().map(|(id,)| id).collect())
}
