use super::job::NewJob;
use crate::{
    kernel::StoreError,
    platform::{OrgTx, SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use std::collections::{BTreeMap, BTreeSet};

statements! {
    // Those that must wait for their time go elsewhere; of equal ones the first that waits stays.
    // Those with a key are written in its order: two transactions that ask for the same ones wait for
    // each other's commit, and never each for the other.
    Write:
        "WITH given AS ( \
            SELECT queue, kind, organization_id, args, lane, unique_key, run_at, \
                   coalesce(correlation, $1) AS correlation, traceparent, position \
              FROM unnest($3::text[], $4::text[], $5::bigint[], $6::jsonb[], $7::text[], $8::text[], \
                          $9::timestamptz[], $10::text[], $11::text[]) WITH ORDINALITY \
                   AS g (queue, kind, organization_id, args, lane, unique_key, run_at, correlation, \
                         traceparent, position)), \
         later AS ( \
            INSERT INTO jobs_delayed (run_at, queue, kind, organization_id, args, lane, unique_key, \
                                      correlation_id, traceparent, enqueued_at) \
            SELECT run_at, queue, kind, organization_id, args, lane, unique_key, correlation, traceparent, $2 \
              FROM given \
             WHERE run_at > $2 \
             ORDER BY CASE WHEN unique_key IS NOT NULL THEN kind END, unique_key, position \
            ON CONFLICT DO NOTHING) \
         INSERT INTO jobs (queue, kind, organization_id, args, lane, unique_key, correlation_id, \
                           traceparent, enqueued_at, available_at) \
         SELECT queue, kind, organization_id, args, lane, unique_key, correlation, traceparent, $2, $2 \
           FROM given \
          WHERE run_at IS NULL OR run_at <= $2 \
          ORDER BY CASE WHEN unique_key IS NOT NULL THEN kind END, unique_key, position \
         ON CONFLICT DO NOTHING";
    Hold -> BigInt:
        "SELECT hold_waiting_jobs($1, $2, $3)";
}

/// Writes `jobs` with this unit of work; they are there when, and only if, it commits. They belong to
/// its organisation. One statement, however many there are, and one more where they have keys.
pub async fn enqueue(tx: &mut OrgTx, jobs: Vec<NewJob>) -> Result<(), StoreError> {
    let organization = tx.organization();
    let (now, correlation) = (tx.now(), tx.correlation().to_owned());
    let jobs: Vec<_> = jobs
        .into_iter()
        .map(|job| job.for_organization(organization))
        .collect();
    for topic in topics(&jobs) {
        tx.will_ring(topic);
    }
    write(tx.conn(), now, correlation, jobs).await
}

/// The same for work beyond tenants: relay, upkeep, sign-up.
pub async fn enqueue_for_system(
    tx: &mut SystemTx,
    correlation: &str,
    jobs: Vec<NewJob>,
) -> Result<(), StoreError> {
    let now = tx.now();
    for topic in topics(&jobs) {
        tx.will_ring(topic);
    }
    write(tx.conn(), now, correlation.to_owned(), jobs).await
}

/// Queues in which somebody may begin at once; see [`crate::platform::wake`].
fn topics(jobs: &[NewJob]) -> BTreeSet<&'static str> {
    let at_once = jobs.iter().filter(|job| job.run_at.is_none());
    at_once.map(|job| job.queue.as_str()).collect()
}

async fn write(
    conn: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    correlation: String,
    jobs: Vec<NewJob>,
) -> Result<(), StoreError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let with_keys: Vec<_> = jobs
        .iter()
        .filter(|job| job.unique_key.is_some())
        .cloned()
        .collect();
    insert(conn, now, &correlation, jobs).await?;
    for (is_later, wanted) in keyed(&with_keys, now) {
        hold(conn, now, &correlation, &with_keys, is_later, wanted).await?;
    }
    Ok(())
}

type Key = (&'static str, String);

/// The keys among them, by whether their jobs wait for a time of their own.
fn keyed(jobs: &[NewJob], now: DateTime<Utc>) -> BTreeMap<bool, BTreeSet<Key>> {
    let mut keyed: BTreeMap<bool, BTreeSet<Key>> = BTreeMap::new();
    for job in jobs {
        if let Some(key) = &job.unique_key {
            let of_sort = keyed.entry(job.is_later(now)).or_default();
            of_sort.insert((job.kind, key.clone()));
        }
    }
    keyed
}

/// How often somebody may take the equal job just before it is held.
const PATIENCE: u32 = 16;

/// Sees to it that of each key one waits and is not begun before this commits, whoever wrote it.
/// `jobs` are those with keys.
async fn hold(
    conn: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    correlation: &str,
    jobs: &[NewJob],
    is_later: bool,
    wanted: BTreeSet<Key>,
) -> Result<(), StoreError> {
    let many = i64::try_from(wanted.len()).unwrap_or(i64::MAX);
    let (kinds, keys): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
    for _ in 0..PATIENCE {
        let held: i64 = Hold::prepared()
            .bind::<Array<Text>, _>(kinds.clone())
            .bind::<Array<Text>, _>(keys.clone())
            .bind::<Bool, _>(is_later)
            .get_result(conn)
            .await?;
        if held >= many {
            break;
        }
        // A worker took one in between, so another is needed. What is there is not written twice.
        let again = jobs.iter().filter(|job| job.is_later(now) == is_later);
        insert(conn, now, correlation, again.cloned().collect()).await?;
    }
    Ok(())
}

async fn insert(
    conn: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    correlation: &str,
    jobs: Vec<NewJob>,
) -> Result<(), StoreError> {
    let queues: Vec<_> = jobs.iter().map(|job| job.queue.as_str()).collect();
    let kinds: Vec<_> = jobs.iter().map(|job| job.kind).collect();
    let organizations: Vec<_> = jobs.iter().map(|job| job.organization).collect();
    let lanes: Vec<_> = jobs.iter().map(|job| job.lane.clone()).collect();
    let keys: Vec<_> = jobs.iter().map(|job| job.unique_key.clone()).collect();
    let times: Vec<_> = jobs.iter().map(|job| job.run_at).collect();
    let correlations: Vec<_> = jobs.iter().map(|job| job.correlation.clone()).collect();
    let traces: Vec<_> = jobs.iter().map(|job| job.traceparent.clone()).collect();
    let args: Vec<_> = jobs.into_iter().map(|job| job.args).collect();
    Write::prepared()
        .bind::<Text, _>(correlation.to_owned())
        .bind::<Timestamptz, _>(now)
        .bind::<Array<Text>, _>(queues)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Nullable<BigInt>>, _>(organizations)
        .bind::<Array<Jsonb>, _>(args)
        .bind::<Array<Nullable<Text>>, _>(lanes)
        .bind::<Array<Nullable<Text>>, _>(keys)
        .bind::<Array<Nullable<Timestamptz>>, _>(times)
        .bind::<Array<Nullable<Text>>, _>(correlations)
        .bind::<Array<Nullable<Text>>, _>(traces)
        .execute(conn)
        .await?;
    Ok(())
}
