//! Deciding about the dead.
use super::{super::job::Queue, look::Filter};
use crate::{
    kernel::{StoreError, ids::JobId},
    platform::{SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl as _;

/// What came of putting dead jobs back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retried {
    /// Back in their lines.
    pub back: i64,
    /// Dropped, since an equal one waits that does the same work.
    pub needless: i64,
}

impl Retried {
    /// Those that are dead no longer.
    pub const fn all(self) -> i64 {
        self.back + self.needless
    }
}

/// Takes those that `$which` means off the list of the dead, as `chosen`. Who comes at the same time
/// finds none: what somebody has locked is passed over.
macro_rules! chosen {
    ($which:literal) => {
        concat!(
            "WITH chosen AS ( \
                DELETE FROM jobs_dead d USING (SELECT id FROM jobs_dead WHERE ",
            $which,
            " ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED) c \
                 WHERE d.id = c.id RETURNING d.*)"
        )
    };
}

/// Puts `chosen` at the end of their lines. Their failures are forgotten, so that they have all their
/// tries before them. How often they were claimed is not: with the worker that proves who holds a job,
/// and a worker's late word about an attempt before must not be taken for one about the next.
macro_rules! put_back {
    ($which:literal) => {
        concat!(
            chosen!($which),
            ", back AS ( \
                INSERT INTO jobs (id, queue, kind, organization_id, args, lane, unique_key, correlation_id, traceparent, \
                                  enqueued_at, available_at, attempt, last_error) \
                SELECT id, queue, kind, organization_id, args, lane, unique_key, correlation_id, traceparent, \
                       enqueued_at, $6, attempt, last_error \
                  FROM chosen \
                 ORDER BY CASE WHEN unique_key IS NOT NULL THEN kind END, unique_key, id \
                ON CONFLICT DO NOTHING RETURNING queue) \
             SELECT c.queue, count(*), (SELECT count(*) FROM back b WHERE b.queue = c.queue) \
               FROM chosen c GROUP BY c.queue"
        )
    };
}

macro_rules! drop_for_good {
    ($which:literal) => {
        concat!(chosen!($which), " SELECT count(*) FROM chosen")
    };
}

/// By their numbers, or by what they are; the second kind of list is met by an index on kinds.
macro_rules! these {
    ($verb:ident) => {
        $verb!("id = ANY ($1::bigint[]) AND $2::text IS NULL AND $3::text IS NULL AND $4::timestamptz IS NULL")
    };
}
macro_rules! all_of {
    ($verb:ident) => {
        $verb!("$1::bigint[] IS NULL AND ($2::text IS NULL OR queue = $2) AND ($3::text IS NULL OR kind = $3) AND died_at <= $4")
    };
}

statements! {
    Retry -> (Text, BigInt, BigInt): these!(put_back);
    RetryAll -> (Text, BigInt, BigInt): all_of!(put_back);
    Discard -> BigInt: these!(drop_for_good);
    DiscardAll -> BigInt: all_of!(drop_for_good);
}

macro_rules! ask {
    ($statement:ident, $jobs:expr, $filter:expr, $until:expr, $limit:expr) => {
        $statement::prepared()
            .bind::<Nullable<Array<BigInt>>, _>($jobs)
            .bind::<Nullable<Text>, _>($filter.queue)
            .bind::<Nullable<Text>, _>($filter.kind.clone())
            .bind::<Nullable<Timestamptz>, _>($until)
            .bind::<BigInt, _>($limit)
    };
}

/// Puts those of `jobs` that are dead back at the end of their lines, with all their tries before them.
pub async fn retry(tx: &mut SystemTx, jobs: &[JobId]) -> Result<Retried, StoreError> {
    let (now, none) = (tx.now(), Filter::default());
    let moved = ask!(
        Retry,
        Some(jobs.to_vec()),
        none,
        None::<DateTime<Utc>>,
        i64::MAX
    )
    .bind::<Timestamptz, _>(now)
    .load(tx.conn())
    .await?;
    Ok(rung(tx, moved))
}

/// The same for those that the filter means and that had died by `until`, at most `limit`. One that
/// dies again after that is not meant, so doing it twice does it once.
pub async fn retry_all(
    tx: &mut SystemTx,
    filter: &Filter,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Retried, StoreError> {
    let now = tx.now();
    let moved = ask!(RetryAll, None::<Vec<JobId>>, filter, Some(until), limit)
        .bind::<Timestamptz, _>(now)
        .load(tx.conn())
        .await?;
    Ok(rung(tx, moved))
}

/// Adds up what was moved, and wakes those who work these queues.
fn rung(tx: &mut SystemTx, moved: Vec<(String, i64, i64)>) -> Retried {
    let mut retried = Retried::default();
    for (queue, chosen, back) in moved {
        retried.back += back;
        retried.needless += chosen - back;
        if let Ok(queue) = queue.parse::<Queue>() {
            tx.will_ring(queue.as_str());
        }
    }
    retried
}

/// Deletes those of `jobs` that are dead for good, and says how many that were.
pub async fn discard(tx: &mut SystemTx, jobs: &[JobId]) -> Result<i64, StoreError> {
    let none = Filter::default();
    Ok(ask!(
        Discard,
        Some(jobs.to_vec()),
        none,
        None::<DateTime<Utc>>,
        i64::MAX
    )
    .get_result(tx.conn())
    .await?)
}

/// The same for those that the filter means and that had died by `until`, at most `limit`.
pub async fn discard_all(
    tx: &mut SystemTx,
    filter: &Filter,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<i64, StoreError> {
    Ok(
        ask!(DiscardAll, None::<Vec<JobId>>, filter, Some(until), limit)
            .get_result(tx.conn())
            .await?,
    )
}
