//! Taking jobs from a line, and giving them back.
use super::{
    floor::{LineEnd, Scan},
    job::Queue,
};
use crate::{
    kernel::{
        StoreError,
        ids::{JobId, OrganizationId, WorkerId},
    },
    platform::{SystemDb, SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    Queryable,
    sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;
use serde_json::Value;

/// A job that a worker holds until it has finished it, given it back, or lost its lease.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct Claimed {
    pub id: JobId,
    pub place: i64,
    pub kind: String,
    pub organization: Option<OrganizationId>,
    pub args: Value,
    pub lane: Option<String>,
    pub correlation: String,
    pub traceparent: Option<String>,
    pub enqueued_at: DateTime<Utc>,
    /// Since when it could have been done.
    pub available_at: DateTime<Utc>,
    /// How often it has been claimed, this time included. With the worker it proves who holds it.
    pub attempt: i32,
    pub failures: i32,
    /// A worker was lost that held it: see [`super::begin`].
    pub suspect: bool,
}

impl Claimed {
    pub const fn receipt(&self) -> Receipt {
        Receipt {
            id: self.id,
            attempt: self.attempt,
        }
    }
}

/// Proves, with the worker's id, who holds a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub id: JobId,
    pub attempt: i32,
}

/// One lane of a line, and how many of its jobs are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub lane: String,
    pub scan: Scan,
    pub room: usize,
}

type Row = (
    BigInt,
    BigInt,
    Text,
    Nullable<BigInt>,
    Jsonb,
    Nullable<Text>,
    Text,
    Nullable<Text>,
    Timestamptz,
    Timestamptz,
    Integer,
    Integer,
    Bool,
);

/// Finds those of `given` that `$1` still holds. One by one by their ids, which `OFFSET 0` keeps the
/// planner from bettering: it believes that the line is short, and would read all that a worker ever
/// held. Where they are can't change while they are locked, so no index is needed to change them.
macro_rules! held {
    () => {
        "held AS MATERIALIZED ( \
            SELECT g.*, h.at FROM given g \
             CROSS JOIN LATERAL (SELECT j.ctid AS at, j.worker_id, j.attempt AS times FROM jobs j \
                                  WHERE j.id = g.id OFFSET 0 FOR UPDATE) h \
             WHERE h.worker_id = $1 AND h.times = g.attempt)"
    };
}
pub(super) use held;

/// Takes `next`; the worker's own row is locked, so it can't be given up meanwhile, and one that has
/// been given up takes nothing.
macro_rules! take {
    ($next:literal) => {
        concat!(
            "WITH me AS MATERIALIZED (SELECT id FROM job_workers WHERE id = $1 FOR KEY SHARE), \
                  next AS MATERIALIZED (",
            $next,
            ") UPDATE jobs SET worker_id = $1, claimed_at = $3, attempt = jobs.attempt + 1 \
                 FROM next WHERE jobs.ctid = next.at \
               RETURNING jobs.id, jobs.place, jobs.kind, jobs.organization_id, jobs.args, jobs.lane, \
                         jobs.correlation_id, jobs.traceparent, jobs.enqueued_at, jobs.available_at, \
                         jobs.attempt, jobs.failures, jobs.suspect"
        )
    };
}

statements! {
    // What the partial indexes are about is written out: a planner can't match a `$n` with it.
    Claim -> Row:
        take!("SELECT j.ctid AS at FROM jobs j \
                WHERE j.queue = $2 AND j.worker_id IS NULL AND j.place > $4 \
                  AND (j.lane IS NULL OR j.lane <> ALL ($5)) AND EXISTS (SELECT FROM me) \
                ORDER BY j.place LIMIT $6 FOR UPDATE SKIP LOCKED");
    ClaimLanes -> Row:
        take!("SELECT found.at FROM unnest($4::text[], $5::bigint[], $6::bigint[]) AS l (lane, above, room) \
                CROSS JOIN LATERAL (SELECT j.ctid AS at FROM jobs j \
                      WHERE j.queue = $2 AND j.worker_id IS NULL AND j.lane IS NOT NULL AND j.lane = l.lane \
                        AND j.place > l.above \
                      ORDER BY j.place LIMIT l.room FOR UPDATE SKIP LOCKED) found \
                WHERE EXISTS (SELECT FROM me)");
    // A sequence is a row: reading it costs nothing, however long the line.
    End -> (BigInt, BigInt, BigInt):
        "SELECT p.last_value, pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint \
           FROM job_places p, pg_current_snapshot() s";
    // Of equal ones only one may wait, so those with a key are written anew: what another is equal to
    // is dropped. The rest just lose their worker.
    Release -> BigInt:
        concat!("WITH given AS (SELECT * FROM unnest($2::bigint[], $3::integer[]) AS g (id, attempt)), ", held!(), ", \
         plain AS ( \
            UPDATE jobs j SET worker_id = NULL, claimed_at = NULL FROM held \
             WHERE j.ctid = held.at AND j.unique_key IS NULL \
            RETURNING j.id), \
         gone AS ( \
            DELETE FROM jobs j USING held \
             WHERE j.ctid = held.at AND j.unique_key IS NOT NULL \
            RETURNING j.*), \
         back AS ( \
            INSERT INTO jobs (id, place, queue, kind, organization_id, args, lane, unique_key, correlation_id, \
                              traceparent, enqueued_at, available_at, attempt, failures, suspect, last_error) \
            SELECT id, place, queue, kind, organization_id, args, lane, unique_key, correlation_id, \
                   traceparent, enqueued_at, available_at, attempt, failures, suspect, last_error \
              FROM gone ORDER BY kind, unique_key, id ON CONFLICT DO NOTHING) \
         SELECT (SELECT count(*) FROM plain) + (SELECT count(*) FROM gone)");
}

/// A unit of work on the lines. They are read by their indexes whatever the statistics say, for these
/// are out of date most of the time where everything comes and goes (a scan that has no index looks
/// dear then, which is no reason to compile it); and a process that is stopped in the middle doesn't
/// hold the others up for long. Each waits for the disk: were the end of a job
/// undone by a crash of the database, a worker that has forgotten it would hold it for ever.
pub(super) const ON_LINES: &str = "BEGIN; SET LOCAL enable_seqscan = off; \
    SET LOCAL enable_bitmapscan = off; SET LOCAL jit = off; SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// Takes up to `most` jobs of `queue` that `scan` sees, except from the lanes `but`, in the order of
/// the line. None for a worker that has been given up.
pub async fn claim(
    db: &SystemDb,
    worker: WorkerId,
    queue: Queue,
    scan: Scan,
    most: usize,
    but: Vec<String>,
) -> Result<Vec<Claimed>, StoreError> {
    let mut tx = db.begin_with(ON_LINES).await?;
    let now = tx.now();
    let found = Claim::prepared()
        .bind::<BigInt, _>(worker)
        .bind::<Text, _>(queue)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(scan.from)
        .bind::<Array<Text>, _>(but)
        .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
        .load(tx.conn())
        .await?;
    in_order(tx, found).await
}

/// Takes jobs of single lanes, each in the order of the line.
pub async fn claim_lanes(
    db: &SystemDb,
    worker: WorkerId,
    queue: Queue,
    wanted: &[Wanted],
) -> Result<Vec<Claimed>, StoreError> {
    let mut tx = db.begin_with(ON_LINES).await?;
    let now = tx.now();
    let lanes: Vec<_> = wanted.iter().map(|lane| lane.lane.clone()).collect();
    let floors: Vec<_> = wanted.iter().map(|lane| lane.scan.from).collect();
    let rooms: Vec<_> = wanted
        .iter()
        .map(|lane| i64::try_from(lane.room).unwrap_or(i64::MAX))
        .collect();
    let found = ClaimLanes::prepared()
        .bind::<BigInt, _>(worker)
        .bind::<Text, _>(queue)
        .bind::<Timestamptz, _>(now)
        .bind::<Array<Text>, _>(lanes)
        .bind::<Array<BigInt>, _>(floors)
        .bind::<Array<BigInt>, _>(rooms)
        .load(tx.conn())
        .await?;
    in_order(tx, found).await
}

async fn in_order(tx: SystemTx, mut found: Vec<Claimed>) -> Result<Vec<Claimed>, StoreError> {
    if !found.is_empty() {
        tx.commit().await?;
        found.sort_unstable_by_key(|job| job.place);
    }
    Ok(found)
}

/// Where all lines end at this moment.
pub async fn end_of_lines(db: &SystemDb) -> Result<LineEnd, StoreError> {
    let mut tx = db.begin().await?;
    let (place, oldest, next) = End::prepared().get_result(tx.conn()).await?;
    Ok(LineEnd {
        place,
        oldest,
        next,
    })
}

/// Gives back what has not been begun, to its place in the line; says how many were still held.
/// Others are told if it is `for_others`.
pub async fn release(
    db: &SystemDb,
    worker: WorkerId,
    held: &[Receipt],
    for_others: Option<Queue>,
) -> Result<i64, StoreError> {
    let mut tx = db.begin_with(ON_LINES).await?;
    let ids: Vec<_> = held.iter().map(|job| job.id.get()).collect();
    let attempts: Vec<_> = held.iter().map(|job| job.attempt).collect();
    let released = Release::prepared()
        .bind::<BigInt, _>(worker)
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<Integer>, _>(attempts)
        .get_result(tx.conn())
        .await?;
    if let Some(queue) = for_others {
        tx.will_ring(queue.as_str());
    }
    tx.commit().await?;
    Ok(released)
}
