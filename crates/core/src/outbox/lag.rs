use super::{event::Consumer, follow, position::Bounds};
use crate::{
    kernel::StoreError,
    platform::{SystemDb, SystemTx, prepared::statements},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Timestamptz};
use diesel_async::RunQueryDsl as _;

/// Facts are counted up to here; beyond, it is enough to know that there are many.
const MOST: i64 = 100_000;

statements! {
    Measure -> (BigInt, Nullable<Timestamptz>, Timestamptz):
        "SELECT count(*), min(recorded_at), clock_timestamp() \
           FROM ((SELECT e.recorded_at FROM unnest($1::bigint[]) AS late (xid) CROSS JOIN LATERAL \
                    (SELECT e.recorded_at FROM domain_events e \
                      WHERE e.xid = late.xid AND (e.xid, e.id) > ($5, $6) AND e.recorded_at < $8 \
                      ORDER BY e.xid, e.id LIMIT $7) AS e LIMIT $7) \
                 UNION ALL \
                 (SELECT recorded_at FROM domain_events \
                   WHERE xid >= $2 AND xid < $3 AND (xid, id) > ($5, $6) AND xid <> ALL($4::bigint[]) \
                     AND recorded_at < $8 \
                   ORDER BY xid, id LIMIT $7)) AS facts";
}

/// What a follower has still to deal with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// Counted to some hundred thousand.
    pub facts: u64,
    /// When the oldest of those counted was recorded.
    pub since: Option<DateTime<Utc>>,
    /// What the database's clock said then.
    pub at: DateTime<Utc>,
}

impl Lag {
    /// How long the oldest has been waiting.
    pub fn age(&self) -> TimeDelta {
        let age = self.since.map(|since| self.at - since);
        age.unwrap_or_default().max(TimeDelta::zero())
    }
}

/// What is still ahead of `consumer`.
pub async fn lag(system: &SystemDb, consumer: Consumer) -> Result<Lag, StoreError> {
    let mut tx = system.begin().await?;
    before(&mut tx, consumer, DateTime::<Utc>::MAX_UTC).await
}

/// The same, of what was recorded before `moment`.
pub(super) async fn before(
    tx: &mut SystemTx,
    consumer: Consumer,
    moment: DateTime<Utc>,
) -> Result<Lag, StoreError> {
    let newest = follow::newest(tx, consumer).await?;
    let mut lag = Lag {
        facts: 0,
        since: None,
        at: DateTime::<Utc>::MIN_UTC,
    };
    for bounds in newest.position.ahead() {
        let (facts, since, at) = measure(tx, bounds, moment).await?;
        lag.facts += u64::try_from(facts).unwrap_or(0);
        lag.since = [lag.since, since].into_iter().flatten().min();
        lag.at = at;
    }
    Ok(lag)
}

async fn measure(
    tx: &mut SystemTx,
    bounds: Bounds,
    moment: DateTime<Utc>,
) -> Result<(i64, Option<DateTime<Utc>>, DateTime<Utc>), StoreError> {
    // The database's calendar ends before chrono's.
    let moment = moment.min(DateTime::<Utc>::from_timestamp(253_402_300_799, 0).unwrap_or(moment));
    Ok(Measure::prepared()
        .bind::<Array<BigInt>, _>(bounds.late)
        .bind::<BigInt, _>(bounds.from)
        .bind::<BigInt, _>(bounds.to)
        .bind::<Array<BigInt>, _>(bounds.except)
        .bind::<BigInt, _>(bounds.after.0)
        .bind::<BigInt, _>(bounds.after.1)
        .bind::<BigInt, _>(MOST)
        .bind::<Timestamptz, _>(moment)
        .get_result(tx.conn())
        .await?)
}
