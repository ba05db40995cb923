//! What the relay asks and writes: a constant number of statements, however many deliveries.
use super::super::{
    jobs::Deliver,
    model::{Cause, Interest, NewDelivery},
};
use crate::{
    jobs::{NewJob, enqueue_for_system},
    kernel::{
        StoreError,
        ids::{OrganizationId, WebhookDeliveryId},
    },
    platform::{SystemTx, prepared::statements},
};
use chrono::SubsecRound as _;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz};
use diesel_async::RunQueryDsl as _;

statements! {
    Interests -> (BigInt, BigInt, Array<Text>):
        "SELECT organization_id, id, events FROM webhook_endpoints \
          WHERE organization_id = ANY($1) AND state = 'enabled' AND deleted_at IS NULL \
          ORDER BY organization_id, id";
    // Numbers are given, and rows come back, in the order of what was asked for.
    Plan -> BigInt:
        "INSERT INTO webhook_deliveries (organization_id, created_at, endpoint_id, event_id, \
                                         event_recorded_at, event_name, message_id, cause, next_attempt_at) \
         SELECT d.organization_id, $1, d.endpoint_id, d.event_id, d.recorded_at, d.event_name, \
                'evt_' || d.event_id, $2, $1 \
           FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::text[]) WITH ORDINALITY \
                AS d (organization_id, endpoint_id, event_id, recorded_at, event_name, position) \
          ORDER BY d.position \
         RETURNING id";
}

/// Who among these organisations listens, and to what. Endpoints that are disabled or deleted don't.
pub async fn interests(
    tx: &mut SystemTx,
    organizations: &[OrganizationId],
) -> Result<Vec<Interest>, StoreError> {
    let rows: Vec<(_, _, Vec<String>)> = Interests::prepared()
        .bind::<Array<BigInt>, _>(organizations.to_vec())
        .load(tx.conn())
        .await?;
    let interest = |(organization, endpoint, events)| Interest {
        organization,
        endpoint,
        events,
    };
    Ok(rows.into_iter().map(interest).collect())
}

/// Writes these deliveries and the jobs that make them; they are there when, and only if, the unit
/// of work commits.
pub async fn plan(tx: &mut SystemTx, deliveries: Vec<NewDelivery>) -> Result<(), StoreError> {
    plan_because(tx, Cause::Event, deliveries).await
}

/// The same for what has been sent before, or should have been.
pub async fn plan_again(tx: &mut SystemTx, deliveries: Vec<NewDelivery>) -> Result<(), StoreError> {
    plan_because(tx, Cause::Replay, deliveries).await
}

pub(super) async fn plan_because(
    tx: &mut SystemTx,
    cause: Cause,
    deliveries: Vec<NewDelivery>,
) -> Result<(), StoreError> {
    if deliveries.is_empty() {
        return Ok(());
    }
    // As exact as the database keeps it, so that the job finds its row again.
    let now = tx.now().trunc_subsecs(6);
    let ids: Vec<WebhookDeliveryId> = Plan::prepared()
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(cause)
        .bind::<Array<BigInt>, _>(column(&deliveries, |d| d.organization))
        .bind::<Array<BigInt>, _>(column(&deliveries, |d| d.endpoint))
        .bind::<Array<BigInt>, _>(column(&deliveries, |d| d.event))
        .bind::<Array<Timestamptz>, _>(column(&deliveries, |d| d.recorded_at))
        .bind::<Array<Text>, _>(column(&deliveries, |d| d.event_name.clone()))
        .load(tx.conn())
        .await?;
    let jobs = deliveries.into_iter().zip(ids).map(|(planned, delivery)| {
        let job = Deliver {
            organization: planned.organization,
            endpoint: planned.endpoint,
            delivery,
            day: now,
        };
        NewJob::of(&job)
            .for_organization(planned.organization)
            .caused_by(planned.correlation, planned.traceparent)
    });
    enqueue_for_system(tx, "", jobs.collect()).await
}

fn column<T>(deliveries: &[NewDelivery], of: impl Fn(&NewDelivery) -> T) -> Vec<T> {
    deliveries.iter().map(of).collect()
}
