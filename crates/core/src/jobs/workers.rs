//! Who works jobs. A worker's heartbeat is the lease of all it holds, by the database's clock: what
//! processes think of the time doesn't matter.
use super::{
    claim::{ON_LINES, Receipt},
    job::Queue,
};
use crate::{
    kernel::{StoreError, ids::WorkerId},
    platform::{SystemDb, SystemTx, prepared::statements},
};
use diesel::sql_types::{Array, BigInt, Bool, Double, Integer, Nullable, Text};
use diesel_async::RunQueryDsl as _;
use std::time::Duration;

/// So many workers are given up in one go.
const AT_A_TIME: i64 = 10;

/// What a rescue found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rescued {
    pub workers: usize,
    pub jobs: i64,
}

statements! {
    Register -> BigInt:
        "INSERT INTO job_workers (host, pid, queues, started_at, heartbeat_at) \
         VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp()) RETURNING id";
    Beat:
        "UPDATE job_workers SET heartbeat_at = clock_timestamp() WHERE id = $1";
    // One that is just claiming has its row locked, so it is not lost.
    Lost -> BigInt:
        "SELECT id FROM job_workers WHERE heartbeat_at < clock_timestamp() - make_interval(secs => $1) \
          ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED";
    // What one holds that has died in the middle of a transaction is not ours yet; the rest is.
    Lock -> BigInt:
        "SELECT id FROM job_workers WHERE id = $1 FOR UPDATE";
    Leave -> (Text, BigInt):
        "WITH mine AS MATERIALIZED ( \
            SELECT ctid AS at, unique_key FROM jobs \
             WHERE worker_id IS NOT NULL AND worker_id = ANY ($1) \
               AND ($3::text IS NULL OR queue = $3) \
               AND (id, attempt) NOT IN (SELECT k.id, k.attempt FROM unnest($4::bigint[], $5::integer[]) AS k (id, attempt)) \
             FOR UPDATE SKIP LOCKED), \
         plain AS ( \
            UPDATE jobs j SET worker_id = NULL, claimed_at = NULL, suspect = j.suspect OR $2 \
              FROM mine WHERE j.ctid = mine.at AND mine.unique_key IS NULL RETURNING j.queue), \
         gone AS ( \
            DELETE FROM jobs j USING mine WHERE j.ctid = mine.at AND mine.unique_key IS NOT NULL RETURNING j.*), \
         back AS ( \
            INSERT INTO jobs (id, place, queue, kind, organization_id, args, lane, unique_key, correlation_id, \
                              traceparent, enqueued_at, available_at, attempt, failures, suspect, last_error) \
            SELECT id, place, queue, kind, organization_id, args, lane, unique_key, correlation_id, \
                   traceparent, enqueued_at, available_at, attempt, failures, suspect OR $2, last_error \
              FROM gone ORDER BY kind, unique_key, id ON CONFLICT DO NOTHING) \
         SELECT queue, count(*) FROM (SELECT queue FROM plain UNION ALL SELECT queue FROM gone) freed GROUP BY queue";
    // Whoever still holds something stays on the list until the next rescue.
    Strike:
        "DELETE FROM job_workers w WHERE w.id = ANY ($1) \
            AND NOT EXISTS (SELECT FROM jobs j WHERE j.worker_id IS NOT NULL AND j.worker_id = w.id)";
}

/// Enters a process into the list of those that work `queues`.
pub async fn register(
    db: &SystemDb,
    host: &str,
    pid: u32,
    queues: &[Queue],
) -> Result<WorkerId, StoreError> {
    let mut tx = db.begin().await?;
    let queues: Vec<_> = queues.iter().map(|queue| queue.as_str()).collect();
    let id = Register::prepared()
        .bind::<Text, _>(host.to_owned())
        .bind::<Integer, _>(i32::try_from(pid).unwrap_or(i32::MAX))
        .bind::<Array<Text>, _>(queues)
        .get_result(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(id)
}

/// Renews the lease of all that `worker` holds; `false` if it has been given up and holds nothing.
pub async fn beat(db: &SystemDb, worker: WorkerId) -> Result<bool, StoreError> {
    let mut tx = db.begin_with(ON_LINES).await?;
    let beaten = Beat::prepared()
        .bind::<BigInt, _>(worker)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(beaten == 1)
}

/// Gives up workers that have not been heard of for longer than `lease`, and puts what they held back
/// into its place; says what that was. Any number of processes may do so at once.
pub async fn rescue(db: &SystemDb, lease: Duration) -> Result<Rescued, StoreError> {
    let mut tx = db.begin_with(ON_LINES).await?;
    let lost: Vec<i64> = Lost::prepared()
        .bind::<Double, _>(lease.as_secs_f64())
        .bind::<BigInt, _>(AT_A_TIME)
        .load(tx.conn())
        .await?;
    if lost.is_empty() {
        return Ok(Rescued::default());
    }
    let workers = lost.len();
    let jobs = leave(&mut tx, lost, true).await?;
    tx.commit().await?;
    Ok(Rescued { workers, jobs })
}

/// Takes `worker` off the list for good, and puts what it still holds back; says how much that was.
pub async fn retire(db: &SystemDb, worker: WorkerId) -> Result<i64, StoreError> {
    let mut tx = db.begin_with(ON_LINES).await?;
    let listed: Vec<i64> = Lock::prepared()
        .bind::<BigInt, _>(worker)
        .load(tx.conn())
        .await?;
    let jobs = leave(&mut tx, listed, false).await?;
    tx.commit().await?;
    Ok(jobs)
}

/// Puts back what `worker` holds of `queue` besides those it knows of, and says how many that were: the
/// answer to a claim may have been lost. Not while it claims from that queue: of what it is just being
/// given it can't know yet. A claim that was given up but is still on its way may arrive after this.
pub async fn disown(
    db: &SystemDb,
    worker: WorkerId,
    queue: Queue,
    known: &[Receipt],
) -> Result<i64, StoreError> {
    let mut tx = db.begin_with(ON_LINES).await?;
    let jobs = free(&mut tx, vec![worker.get()], false, Some(queue), known).await?;
    tx.commit().await?;
    Ok(jobs)
}

async fn leave(tx: &mut SystemTx, workers: Vec<i64>, suspect: bool) -> Result<i64, StoreError> {
    let freed = free(tx, workers.clone(), suspect, None, &[]).await?;
    Strike::prepared()
        .bind::<Array<BigInt>, _>(workers)
        .execute(tx.conn())
        .await?;
    Ok(freed)
}

async fn free(
    tx: &mut SystemTx,
    workers: Vec<i64>,
    suspect: bool,
    only: Option<Queue>,
    but: &[Receipt],
) -> Result<i64, StoreError> {
    let (ids, attempts): (Vec<_>, Vec<_>) =
        but.iter().map(|job| (job.id.get(), job.attempt)).unzip();
    let freed: Vec<(String, i64)> = Leave::prepared()
        .bind::<Array<BigInt>, _>(workers)
        .bind::<Bool, _>(suspect)
        .bind::<Nullable<Text>, _>(only)
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<Integer>, _>(attempts)
        .load(tx.conn())
        .await?;
    for (queue, _) in &freed {
        if let Ok(queue) = queue.parse::<Queue>() {
            tx.will_ring(queue.as_str());
        }
    }
    Ok(freed.iter().map(|(_, many)| many).sum())
}
