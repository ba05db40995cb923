use super::job::NewJob;
use crate::{
    kernel::StoreError,
    platform::{OrgTx, SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};

statements! {
    // Those that must wait for their time go elsewhere; of equal ones the first that waits stays.
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
             WHERE run_at > $2 ORDER BY position \
            ON CONFLICT DO NOTHING) \
         INSERT INTO jobs (queue, kind, organization_id, args, lane, unique_key, correlation_id, \
                           traceparent, enqueued_at, available_at) \
         SELECT queue, kind, organization_id, args, lane, unique_key, correlation, traceparent, $2, $2 \
           FROM given \
          WHERE run_at IS NULL OR run_at <= $2 ORDER BY position \
         ON CONFLICT DO NOTHING";
}

/// Writes `jobs` with this unit of work; they are there when, and only if, it commits. They belong to
/// its organisation. One statement, however many there are.
pub async fn enqueue(tx: &mut OrgTx, jobs: Vec<NewJob>) -> Result<(), StoreError> {
    let organization = tx.organization();
    let (now, correlation) = (tx.now(), tx.correlation().to_owned());
    let jobs = jobs
        .into_iter()
        .map(|job| job.for_organization(organization))
        .collect();
    write(tx.conn(), now, correlation, jobs).await
}

/// The same for work beyond tenants: relay, upkeep, sign-up.
pub async fn enqueue_for_system(
    tx: &mut SystemTx,
    correlation: &str,
    jobs: Vec<NewJob>,
) -> Result<(), StoreError> {
    let now = tx.now();
    write(tx.conn(), now, correlation.to_owned(), jobs).await
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
        .bind::<Text, _>(correlation)
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
