use crate::{
    kernel::StoreError,
    platform::{SystemDb, SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Int4, Text, Timestamptz};
use diesel_async::RunQueryDsl as _;

statements! {
    // $4: older than this counts no more; $5: since then there must have been none; $6: so many at most.
    Take:
        "INSERT INTO account_limits (kind, subject, at, latest_at) VALUES ($1, $2, ARRAY[$3], $3) \
         ON CONFLICT (kind, subject) DO UPDATE SET latest_at = $3, \
            at = array(SELECT a FROM unnest(account_limits.at) a WHERE a > $4) || ARRAY[$3] \
         WHERE account_limits.latest_at <= $5 \
            AND cardinality(array(SELECT a FROM unnest(account_limits.at) a WHERE a > $4)) < $6";
    Clear:
        "DELETE FROM account_limits WHERE kind = $1 AND subject = $2";
    ForgetLimits:
        "DELETE FROM account_limits WHERE (kind, subject) IN ( \
            SELECT kind, subject FROM account_limits WHERE latest_at < $1 ORDER BY latest_at LIMIT $2)";
}

/// How often something may be done.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Pace {
    pub(in super::super) kind: &'static str,
    pub(in super::super) most: i32,
    pub(in super::super) within: chrono::TimeDelta,
    pub(in super::super) apart: chrono::TimeDelta,
}

/// Counts it once more for `subject`; `false`, and nothing is counted, where that is too often.
pub(in super::super) async fn take(
    tx: &mut SystemTx,
    pace: Pace,
    subject: [u8; 32],
) -> Result<bool, StoreError> {
    let now = tx.now();
    let counted = Take::prepared()
        .bind::<Text, _>(pace.kind)
        .bind::<Binary, _>(subject.to_vec())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - pace.within)
        .bind::<Timestamptz, _>(now - pace.apart)
        .bind::<Int4, _>(pace.most)
        .execute(tx.conn())
        .await?;
    Ok(counted == 1)
}

/// Forgets what was counted: it went well in the end.
pub(in super::super) async fn clear(
    tx: &mut SystemTx,
    pace: Pace,
    subject: [u8; 32],
) -> Result<(), StoreError> {
    Clear::prepared()
        .bind::<Text, _>(pace.kind)
        .bind::<Binary, _>(subject.to_vec())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Drops up to `most` of which nothing was heard since `before`; says how many there were.
pub async fn forget_limits(
    db: &SystemDb,
    before: DateTime<Utc>,
    most: i64,
) -> Result<usize, StoreError> {
    let mut tx = db.begin().await?;
    let dropped = ForgetLimits::prepared()
        .bind::<Timestamptz, _>(before)
        .bind::<BigInt, _>(most)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(dropped)
}
