//! What an operator sees of the lines of jobs, and may do about what has died.
use super::job::Queue;
use crate::{
    kernel::{
        StoreError,
        cursor::{Cursor, Page},
        ids::{JobId, OrganizationId, WorkerId},
    },
    platform::{SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _, Queryable,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;
use serde_json::Value;

/// Counts stop here: a longer line is "more than that", and counting it would be slow.
pub const COUNTED: i64 = 10_000;

/// One line at this moment. Counts above [`COUNTED`] are more than that.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Line {
    pub queue: Queue,
    pub waiting: i64,
    /// Since when the first in line could have been done.
    pub oldest: Option<DateTime<Utc>>,
    pub running: i64,
    pub delayed: i64,
    pub dead: i64,
}

/// A process that works jobs.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Worker {
    pub id: WorkerId,
    pub host: String,
    pub pid: i32,
    pub queues: Vec<String>,
    pub started_at: DateTime<Utc>,
    pub heartbeat_at: DateTime<Utc>,
    pub running: i64,
}

/// A job wherever it is. What its payload says may be a secret: show names, not values.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct Shown {
    pub id: JobId,
    /// `waiting`, `running`, `delayed` or `dead`.
    pub state: String,
    pub queue: String,
    pub kind: String,
    pub organization: Option<OrganizationId>,
    pub args: Value,
    pub correlation: String,
    pub enqueued_at: DateTime<Utc>,
    /// When it was claimed, is due again, or died; since when it waits.
    pub since: DateTime<Utc>,
    pub attempt: i32,
    pub last_error: Option<String>,
}

/// Which dead jobs are meant; nothing said means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadFilter {
    pub queue: Option<Queue>,
    pub kind: Option<String>,
}

type LineRow = (Text, BigInt, Nullable<Timestamptz>, BigInt, BigInt, BigInt);
type WorkerRow = (
    BigInt,
    Text,
    Integer,
    Array<Text>,
    Timestamptz,
    Timestamptz,
    BigInt,
);
type ShownRow = (
    BigInt,
    Text,
    Text,
    Text,
    Nullable<BigInt>,
    Jsonb,
    Text,
    Timestamptz,
    Timestamptz,
    Integer,
    Nullable<Text>,
);

statements! {
    // Every count is of a bounded number of rows behind an index.
    Lines -> LineRow:
        "SELECT q.queue, \
                (SELECT count(*) FROM (SELECT FROM jobs j WHERE j.queue = q.queue AND j.worker_id IS NULL LIMIT $2) n), \
                (SELECT j.available_at FROM jobs j WHERE j.queue = q.queue AND j.worker_id IS NULL ORDER BY j.place LIMIT 1), \
                coalesce(r.n, 0), coalesce(d.n, 0), \
                (SELECT count(*) FROM (SELECT FROM jobs_dead x WHERE x.queue = q.queue LIMIT $2) n) \
           FROM unnest($1::text[]) WITH ORDINALITY AS q (queue, position) \
           LEFT JOIN (SELECT queue, count(*) AS n FROM jobs WHERE worker_id IS NOT NULL GROUP BY queue) r USING (queue) \
           LEFT JOIN (SELECT queue, count(*) AS n FROM (SELECT queue FROM jobs_delayed ORDER BY run_at, id LIMIT $2) f \
                       GROUP BY queue) d USING (queue) \
          ORDER BY q.position";
    Workers -> WorkerRow:
        "SELECT w.id, w.host, w.pid, w.queues, w.started_at, w.heartbeat_at, \
                (SELECT count(*) FROM jobs j WHERE j.worker_id = w.id) \
           FROM job_workers w ORDER BY w.id";
    Dead -> ShownRow:
        "SELECT id, 'dead', queue, kind, organization_id, args, correlation_id, enqueued_at, died_at, attempt, last_error \
           FROM jobs_dead \
          WHERE id < $1 AND ($2::text IS NULL OR queue = $2) AND ($3::text IS NULL OR kind = $3) \
          ORDER BY id DESC LIMIT $4";
    Find -> ShownRow:
        "SELECT id, CASE WHEN worker_id IS NULL THEN 'waiting' ELSE 'running' END, queue, kind, organization_id, args, \
                correlation_id, enqueued_at, coalesce(claimed_at, available_at), attempt, last_error \
           FROM jobs WHERE id = $1 \
         UNION ALL \
         SELECT id, 'delayed', queue, kind, organization_id, args, correlation_id, enqueued_at, run_at, attempt, last_error \
           FROM jobs_delayed WHERE id = $1 \
         UNION ALL \
         SELECT id, 'dead', queue, kind, organization_id, args, correlation_id, enqueued_at, died_at, attempt, last_error \
           FROM jobs_dead WHERE id = $1";
    // An equal one that waits already does the same work, so the dead one has nothing left to do.
    Retry -> BigInt:
        "WITH chosen AS ( \
            DELETE FROM jobs_dead d USING (SELECT id FROM jobs_dead \
                 WHERE ($1::bigint[] IS NULL OR id = ANY($1)) AND ($2::text IS NULL OR queue = $2) \
                   AND ($3::text IS NULL OR kind = $3) \
                 ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED) c \
             WHERE d.id = c.id RETURNING d.*), \
         back AS ( \
            INSERT INTO jobs (id, queue, kind, organization_id, args, lane, unique_key, correlation_id, traceparent, \
                              enqueued_at, available_at, last_error) \
            SELECT id, queue, kind, organization_id, args, lane, unique_key, correlation_id, traceparent, \
                   enqueued_at, $5, last_error \
              FROM chosen ORDER BY id ON CONFLICT DO NOTHING) \
         SELECT count(*) FROM chosen";
    Discard -> BigInt:
        "WITH chosen AS ( \
            DELETE FROM jobs_dead d USING (SELECT id FROM jobs_dead \
                 WHERE ($1::bigint[] IS NULL OR id = ANY($1)) AND ($2::text IS NULL OR queue = $2) \
                   AND ($3::text IS NULL OR kind = $3) \
                 ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED) c \
             WHERE d.id = c.id RETURNING d.id) \
         SELECT count(*) FROM chosen";
}

/// Every line, in the order in which [`Queue`] names them.
pub async fn lines(tx: &mut SystemTx) -> Result<Vec<Line>, StoreError> {
    let queues: Vec<_> = Queue::ALL.iter().map(|queue| queue.as_str()).collect();
    Ok(Lines::prepared()
        .bind::<Array<Text>, _>(queues)
        .bind::<BigInt, _>(COUNTED + 1)
        .load(tx.conn())
        .await?)
}

/// Every process that has not gone or been given up.
pub async fn workers(tx: &mut SystemTx) -> Result<Vec<Worker>, StoreError> {
    Ok(Workers::prepared().load(tx.conn()).await?)
}

/// Dead jobs, the latest asked for first.
pub async fn dead(
    tx: &mut SystemTx,
    filter: &DeadFilter,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Shown>, StoreError> {
    let rows = Dead::prepared()
        .bind::<BigInt, _>(after.map_or(i64::MAX, |cursor| cursor.id))
        .bind::<Nullable<Text>, _>(filter.queue)
        .bind::<Nullable<Text>, _>(filter.kind.clone())
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1)
        .load(tx.conn())
        .await?;
    Ok(Page::of(rows, limit, |job: &Shown| Cursor {
        key: String::new(),
        id: job.id.get(),
    }))
}

/// One job, wherever it is; `None` once it is done or discarded.
pub async fn find(tx: &mut SystemTx, job: JobId) -> Result<Option<Shown>, StoreError> {
    Ok(Find::prepared()
        .bind::<BigInt, _>(job)
        .get_result(tx.conn())
        .await
        .optional()?)
}

/// Puts dead jobs back at the end of their lines, with all their attempts before them, and says how
/// many that were: those of `jobs` (all that the filter means if `None`), at most `limit`.
pub async fn retry(
    tx: &mut SystemTx,
    jobs: Option<&[JobId]>,
    filter: &DeadFilter,
    limit: i64,
) -> Result<i64, StoreError> {
    let now = tx.now();
    Ok(Retry::prepared()
        .bind::<Nullable<Array<BigInt>>, _>(jobs.map(<[JobId]>::to_vec))
        .bind::<Nullable<Text>, _>(filter.queue)
        .bind::<Nullable<Text>, _>(filter.kind.clone())
        .bind::<BigInt, _>(limit)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await?)
}

/// Deletes dead jobs for good and says how many; chosen as in [`retry`].
pub async fn discard(
    tx: &mut SystemTx,
    jobs: Option<&[JobId]>,
    filter: &DeadFilter,
    limit: i64,
) -> Result<i64, StoreError> {
    Ok(Discard::prepared()
        .bind::<Nullable<Array<BigInt>>, _>(jobs.map(<[JobId]>::to_vec))
        .bind::<Nullable<Text>, _>(filter.queue)
        .bind::<Nullable<Text>, _>(filter.kind.clone())
        .bind::<BigInt, _>(limit)
        .get_result(tx.conn())
        .await?)
}
