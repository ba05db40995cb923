//! Looking at the lines. Every count and every list is of a bounded number of rows behind an index.
use super::super::job::Queue;
use crate::{
    kernel::{
        StoreError,
        cursor::{Cursor, Page},
        ids::{JobId, OrganizationId, WorkerId},
        words::words,
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
#[diesel(check_for_backend(diesel::pg::Pg))]
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
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Worker {
    pub id: WorkerId,
    pub host: String,
    pub pid: i32,
    pub queues: Vec<String>,
    pub started_at: DateTime<Utc>,
    pub heartbeat_at: DateTime<Utc>,
    /// For how long nothing was heard of it, by the database's clock.
    pub silent_seconds: i64,
    pub running: i64,
}

words! {
    /// Where a job is.
    pub enum State {
        Running = "running",
        Waiting = "waiting",
        Delayed = "delayed",
        Dead = "dead",
    }
}

/// A job wherever it is. What its payload says may be a secret: see [`super::redacted`].
#[derive(Debug, Clone, PartialEq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Shown {
    pub id: JobId,
    pub state: State,
    pub queue: String,
    pub kind: String,
    pub organization: Option<OrganizationId>,
    pub args: Value,
    pub correlation: String,
    pub enqueued_at: DateTime<Utc>,
    /// When it was claimed, is due again, or died; since when it waits.
    pub since: DateTime<Utc>,
    /// How often it was claimed.
    pub attempt: i32,
    /// How often it failed since it was asked for, or since it was last put back by an operator.
    pub failures: i32,
    pub last_error: Option<String>,
}

/// Which jobs are meant; nothing said means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
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
    Integer,
    Nullable<Text>,
);

/// The columns of a job in `table`, in `state`, there since `since`.
macro_rules! shown {
    ($state:literal, $since:literal, $table:literal) => {
        concat!(
            "SELECT id, ",
            $state,
            ", queue, kind, organization_id, args, correlation_id, enqueued_at, ",
            $since,
            ", attempt, failures, last_error FROM ",
            $table,
            " "
        )
    };
}

/// Dead jobs behind a place, the latest asked for first. `$which` is met by an index.
macro_rules! dead {
    ($which:literal) => {
        concat!(
            shown!("'dead'", "died_at", "jobs_dead"),
            "WHERE id < $1 AND ",
            $which,
            " ORDER BY id DESC LIMIT $4"
        )
    };
}

statements! {
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
                extract(epoch FROM clock_timestamp() - w.heartbeat_at)::bigint, \
                (SELECT count(*) FROM jobs j WHERE j.worker_id = w.id) \
           FROM job_workers w ORDER BY w.id";
    DeadOfAll -> ShownRow: dead!("$2::text IS NULL AND $3::text IS NULL");
    DeadOfQueue -> ShownRow: dead!("queue = $2 AND $3::text IS NULL");
    DeadOfKind -> ShownRow: dead!("kind = $3 AND ($2::text IS NULL OR queue = $2)");
    // Hops from kind to kind, however many there are of each.
    DeadKinds -> (Text, Text, BigInt, Timestamptz):
        "WITH RECURSIVE kinds AS ( \
            (SELECT kind FROM jobs_dead ORDER BY kind LIMIT 1) \
             UNION ALL \
            SELECT (SELECT d.kind FROM jobs_dead d WHERE d.kind > k.kind ORDER BY d.kind LIMIT 1) \
              FROM kinds k WHERE k.kind IS NOT NULL) \
         SELECT k.kind, last.queue, \
                (SELECT count(*) FROM (SELECT FROM jobs_dead d WHERE d.kind = k.kind LIMIT $1) n), last.died_at \
           FROM kinds k \
          CROSS JOIN LATERAL (SELECT queue, died_at FROM jobs_dead d WHERE d.kind = k.kind \
                               ORDER BY id DESC LIMIT 1) last \
          ORDER BY k.kind";
    Find -> ShownRow:
        concat!(shown!("CASE WHEN worker_id IS NULL THEN 'waiting' ELSE 'running' END",
                       "coalesce(claimed_at, available_at)", "jobs"), "WHERE id = $1 UNION ALL ",
                shown!("'delayed'", "run_at", "jobs_delayed"), "WHERE id = $1 UNION ALL ",
                shown!("'dead'", "died_at", "jobs_dead"), "WHERE id = $1");
    Listed -> ShownRow:
        concat!("(", shown!("'running'", "claimed_at", "jobs"), "WHERE worker_id IS NOT NULL \
                  AND ($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR kind = $2) ORDER BY claimed_at, id LIMIT $3) \
                 UNION ALL (", shown!("'waiting'", "available_at", "jobs"), "WHERE worker_id IS NULL \
                  AND ($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR kind = $2) ORDER BY place LIMIT $3) \
                 UNION ALL (", shown!("'delayed'", "run_at", "jobs_delayed"), "WHERE \
                      ($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR kind = $2) ORDER BY run_at, id LIMIT $3) \
                 LIMIT $3");
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
    filter: &Filter,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Shown>, StoreError> {
    macro_rules! ask {
        ($statement:ident) => {
            $statement::prepared()
                .bind::<BigInt, _>(after.map_or(i64::MAX, |cursor| cursor.id))
                .bind::<Nullable<Text>, _>(filter.queue)
                .bind::<Nullable<Text>, _>(filter.kind.clone())
                .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1)
                .load(tx.conn())
                .await?
        };
    }
    let rows = match filter {
        Filter { kind: Some(_), .. } => ask!(DeadOfKind),
        Filter { queue: Some(_), .. } => ask!(DeadOfQueue),
        Filter { .. } => ask!(DeadOfAll),
    };
    Ok(Page::of(rows, limit, |job: &Shown| Cursor {
        key: String::new(),
        id: job.id.get(),
    }))
}

/// The dead of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct DeadKind {
    pub kind: String,
    pub queue: String,
    /// Above [`COUNTED`] it is more than that.
    pub count: i64,
    /// When the latest of them that was asked for died.
    pub died_at: DateTime<Utc>,
}

/// Which kinds have dead jobs, and how many, by name.
pub async fn dead_kinds(tx: &mut SystemTx) -> Result<Vec<DeadKind>, StoreError> {
    Ok(DeadKinds::prepared()
        .bind::<BigInt, _>(COUNTED + 1)
        .load(tx.conn())
        .await?)
}

/// One job, wherever it is; `None` once it is done or discarded.
pub async fn find(tx: &mut SystemTx, job: JobId) -> Result<Option<Shown>, StoreError> {
    Ok(Find::prepared()
        .bind::<BigInt, _>(job)
        .get_result(tx.conn())
        .await
        .optional()?)
}

/// Up to `limit` jobs that are alive: first those being done, then those that wait, in the order of
/// the line, then those that wait for their time. Looks past all others of its table.
pub async fn list(
    tx: &mut SystemTx,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Shown>, StoreError> {
    Ok(Listed::prepared()
        .bind::<Nullable<Text>, _>(filter.queue)
        .bind::<Nullable<Text>, _>(filter.kind.clone())
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(tx.conn())
        .await?)
}
