//! How jobs went, minute by minute: finished ones are deleted, so the workers count.
use super::super::job::Queue;
use crate::{
    kernel::StoreError,
    platform::{SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    Queryable,
    sql_types::{Array, BigInt, Integer, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

statements! {
    // In the order of names, so that two who count never wait for each other.
    Count:
        "INSERT INTO job_minutes AS m (queue, minute, done, failed, put_off, waiting) \
         SELECT queue, date_trunc('minute', clock_timestamp()), done, failed, put_off, waiting \
           FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) \
                AS g (queue, done, failed, put_off, waiting) \
          ORDER BY queue \
         ON CONFLICT (queue, minute) DO UPDATE \
            SET done = m.done + excluded.done, failed = m.failed + excluded.failed, \
                put_off = m.put_off + excluded.put_off, waiting = greatest(m.waiting, excluded.waiting)";
    // Minutes in which nothing was noted are minutes, too. The one that has just begun is left out.
    Minutes -> (Text, Timestamptz, BigInt, BigInt, BigInt, BigInt):
        "SELECT q.queue, t.minute, coalesce(m.done, 0), coalesce(m.failed, 0), coalesce(m.put_off, 0), \
                coalesce(m.waiting, 0) \
           FROM unnest($1::text[]) WITH ORDINALITY AS q (queue, position) \
          CROSS JOIN (SELECT date_trunc('minute', clock_timestamp()) - make_interval(mins => n) AS minute \
                        FROM generate_series(1, $2) n) t \
           LEFT JOIN job_minutes m ON m.queue = q.queue AND m.minute = t.minute \
          ORDER BY q.position, t.minute";
    Forget:
        "DELETE FROM job_minutes WHERE minute < clock_timestamp() - make_interval(hours => $1)";
}

/// What one process saw of one queue since it last said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub queue: Queue,
    pub done: i64,
    /// Tried again later, or dead.
    pub failed: i64,
    pub put_off: i64,
    /// How many wait just now.
    pub waiting: i64,
}

/// One queue in one minute, as all processes together counted it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Minute {
    pub queue: Queue,
    pub minute: DateTime<Utc>,
    pub done: i64,
    pub failed: i64,
    pub put_off: i64,
    /// The most that were seen waiting.
    pub waiting: i64,
}

/// Adds what one process saw to this minute, by the database's clock.
pub async fn count(tx: &mut SystemTx, seen: &[Ended]) -> Result<(), StoreError> {
    if seen.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&Ended) -> i64| seen.iter().map(of).collect::<Vec<_>>();
    let queues: Vec<_> = seen.iter().map(|seen| seen.queue.as_str()).collect();
    Count::prepared()
        .bind::<Array<Text>, _>(queues)
        .bind::<Array<BigInt>, _>(column(|seen| seen.done))
        .bind::<Array<BigInt>, _>(column(|seen| seen.failed))
        .bind::<Array<BigInt>, _>(column(|seen| seen.put_off))
        .bind::<Array<BigInt>, _>(column(|seen| seen.waiting))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The last `many` whole minutes of every queue, in the order in which [`Queue`] names them, the
/// oldest first.
pub async fn minutes(tx: &mut SystemTx, many: i32) -> Result<Vec<Minute>, StoreError> {
    let queues: Vec<_> = Queue::ALL.iter().map(|queue| queue.as_str()).collect();
    Ok(Minutes::prepared()
        .bind::<Array<Text>, _>(queues)
        .bind::<Integer, _>(many)
        .load(tx.conn())
        .await?)
}

/// Forgets minutes older than `hours`; says how many there were.
pub async fn forget_minutes(tx: &mut SystemTx, hours: i32) -> Result<usize, StoreError> {
    Ok(Forget::prepared()
        .bind::<Integer, _>(hours)
        .execute(tx.conn())
        .await?)
}
