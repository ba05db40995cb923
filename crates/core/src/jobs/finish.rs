//! What becomes of a job that has been done, or has not.
use super::{
    claim::{Claimed, ON_LINES, Receipt, held},
    job::Queue,
};
use crate::{
    kernel::{StoreError, ids::WorkerId},
    platform::{SystemDb, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl as _;

/// What an error may say; the rest is for the log.
const MOST_WORDS: usize = 2_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Done,
    /// To be done later: it failed, or it was put off.
    Later {
        at: DateTime<Utc>,
        failed: bool,
        error: Option<String>,
    },
    /// Nobody tries again until an operator says so.
    Dead {
        failed: bool,
        error: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    pub job: Receipt,
    pub fate: Fate,
}

/// What came of finishing some jobs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flushed {
    pub finished: usize,
    /// No longer held by that worker: somebody else does them again.
    pub lost: usize,
}

statements! {
    Done:
        concat!("WITH given AS (SELECT * FROM unnest($2::bigint[], $3::integer[]) AS g (id, attempt)), ", held!(), " \
         DELETE FROM jobs j USING held WHERE j.ctid = held.at");
    // A suspect one was counted as failed when it was begun. Those with a key are written in its order,
    // as everybody does, so that no two wait for each other.
    Settle -> BigInt:
        concat!("WITH given AS ( \
            SELECT * FROM unnest($2::bigint[], $3::integer[], $4::timestamptz[], $5::boolean[], $6::text[]) \
                       AS g (id, attempt, run_at, failed, error)), ", held!(), ", \
         gone AS ( \
            DELETE FROM jobs j USING held g WHERE j.ctid = g.at \
            RETURNING j.*, g.run_at, \
                      greatest(j.failures + g.failed::integer - j.suspect::integer, 0) AS now_failed, \
                      coalesce(g.error, j.last_error) AS said), \
         later AS ( \
            INSERT INTO jobs_delayed (id, run_at, queue, kind, organization_id, args, lane, unique_key, \
                                      correlation_id, traceparent, enqueued_at, attempt, failures, last_error) \
            SELECT id, run_at, queue, kind, organization_id, args, lane, unique_key, \
                   correlation_id, traceparent, enqueued_at, attempt, now_failed, said \
              FROM gone WHERE run_at IS NOT NULL ORDER BY kind, unique_key, id \
            ON CONFLICT DO NOTHING), \
         dead AS ( \
            INSERT INTO jobs_dead (id, died_at, queue, kind, organization_id, args, lane, unique_key, \
                                   correlation_id, traceparent, enqueued_at, attempt, failures, last_error) \
            SELECT id, $7, queue, kind, organization_id, args, lane, unique_key, \
                   correlation_id, traceparent, enqueued_at, attempt, now_failed, coalesce(said, '') \
              FROM gone WHERE run_at IS NULL \
            ON CONFLICT DO NOTHING) \
         SELECT count(*) FROM gone");
    Begin:
        concat!("WITH given AS (SELECT $2::bigint AS id, $3::integer AS attempt), ", held!(), " \
         UPDATE jobs j SET failures = failures + 1 FROM held WHERE j.ctid = held.at");
    // The equal one that waits already does the same work.
    Promote -> (Text, BigInt):
        "WITH due AS MATERIALIZED ( \
            SELECT ctid AS at FROM jobs_delayed WHERE run_at > $1 AND run_at <= $2 \
             ORDER BY run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED), \
         gone AS ( \
            DELETE FROM jobs_delayed d USING due WHERE d.ctid = due.at RETURNING d.*), \
         ready AS ( \
            INSERT INTO jobs (id, queue, kind, organization_id, args, lane, unique_key, correlation_id, \
                              traceparent, enqueued_at, available_at, attempt, failures, last_error) \
            SELECT id, queue, kind, organization_id, args, lane, unique_key, correlation_id, \
                   traceparent, enqueued_at, run_at, attempt, failures, last_error \
              FROM gone \
             ORDER BY unique_key IS NOT NULL, CASE WHEN unique_key IS NULL THEN run_at END, kind, unique_key, id \
            ON CONFLICT DO NOTHING) \
         SELECT queue, count(*) FROM gone GROUP BY queue";
    PruneDead:
        "DELETE FROM jobs_dead WHERE id IN ( \
            SELECT id FROM jobs_dead WHERE died_at < $1 ORDER BY died_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
}

/// Settles jobs of `worker`, all in one go; those it no longer holds are left alone.
pub async fn finish(
    db: &SystemDb,
    worker: WorkerId,
    finished: &[Finished],
) -> Result<Flushed, StoreError> {
    let mut tx = db.begin_with(ON_LINES).await?;
    let now = tx.now();
    let (done, rest): (Vec<_>, Vec<_>) = finished.iter().partition(|job| job.fate == Fate::Done);
    let mut settled = 0;
    if !done.is_empty() {
        settled += Done::prepared()
            .bind::<BigInt, _>(worker)
            .bind::<Array<BigInt>, _>(ids(&done))
            .bind::<Array<Integer>, _>(attempts(&done))
            .execute(tx.conn())
            .await?;
    }
    if !rest.is_empty() {
        let times: Vec<_> = rest.iter().map(|job| job.fate.again_at()).collect();
        let failed: Vec<_> = rest.iter().map(|job| job.fate.has_failed()).collect();
        let errors: Vec<_> = rest.iter().map(|job| job.fate.words()).collect();
        let gone: i64 = Settle::prepared()
            .bind::<BigInt, _>(worker)
            .bind::<Array<BigInt>, _>(ids(&rest))
            .bind::<Array<Integer>, _>(attempts(&rest))
            .bind::<Array<Nullable<Timestamptz>>, _>(times)
            .bind::<Array<Bool>, _>(failed)
            .bind::<Array<Nullable<Text>>, _>(errors)
            .bind::<Timestamptz, _>(now)
            .get_result(tx.conn())
            .await?;
        settled += usize::try_from(gone).unwrap_or(0);
    }
    tx.commit().await?;
    Ok(Flushed {
        finished: settled,
        lost: finished.len().saturating_sub(settled),
    })
}

fn ids(jobs: &[&Finished]) -> Vec<i64> {
    jobs.iter().map(|job| job.job.id.get()).collect()
}

fn attempts(jobs: &[&Finished]) -> Vec<i32> {
    jobs.iter().map(|job| job.job.attempt).collect()
}

impl Fate {
    const fn again_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Later { at, .. } => Some(*at),
            Self::Done | Self::Dead { .. } => None,
        }
    }

    const fn has_failed(&self) -> bool {
        matches!(
            self,
            Self::Later { failed: true, .. } | Self::Dead { failed: true, .. }
        )
    }

    fn words(&self) -> Option<String> {
        let said = match self {
            Self::Done => None,
            Self::Later { error, .. } => error.as_deref(),
            Self::Dead { error, .. } => Some(error.as_str()),
        };
        // What PostgreSQL can't keep must not keep the job from being settled.
        said.map(|said| {
            said.chars()
                .filter(|c| *c != '\0')
                .take(MOST_WORDS)
                .collect()
        })
    }
}

/// Notes that a job is begun whose worker was lost before: if this one is lost too, the job has failed
/// once more, so that one which kills its workers doesn't do so for ever. `false` if it is not held.
pub async fn begin(db: &SystemDb, worker: WorkerId, job: &Claimed) -> Result<bool, StoreError> {
    let mut tx = db.begin_with(ON_LINES).await?;
    let noted = Begin::prepared()
        .bind::<BigInt, _>(worker)
        .bind::<BigInt, _>(job.id)
        .bind::<Integer, _>(job.attempt)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(noted == 1)
}

/// Puts up to `most` jobs whose time came after `since` at the end of their lines; says how many that
/// were. Any number of processes may do so at once.
pub async fn promote(db: &SystemDb, since: DateTime<Utc>, most: i64) -> Result<i64, StoreError> {
    let mut tx = db.begin_with(ON_LINES).await?;
    let now = tx.now();
    let promoted: Vec<(String, i64)> = Promote::prepared()
        .bind::<Timestamptz, _>(since)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(most)
        .load(tx.conn())
        .await?;
    if promoted.is_empty() {
        return Ok(0);
    }
    for (queue, _) in &promoted {
        if let Ok(queue) = queue.parse::<Queue>() {
            tx.will_ring(queue.as_str());
        }
    }
    tx.commit().await?;
    Ok(promoted.iter().map(|(_, many)| many).sum())
}

/// Deletes up to `most` jobs that died before `before`; says how many.
pub async fn forget_dead(
    db: &SystemDb,
    before: DateTime<Utc>,
    most: i64,
) -> Result<usize, StoreError> {
    let mut tx = db.begin().await?;
    let forgotten = PruneDead::prepared()
        .bind::<Timestamptz, _>(before)
        .bind::<BigInt, _>(most)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(forgotten)
}
