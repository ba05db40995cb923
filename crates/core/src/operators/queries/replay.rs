//! Events to be sent again.
use super::super::model::{GivenUp, Stretch};
use crate::{
    kernel::{
        StoreError,
        cursor::{Cursor, Page},
        ids::{EventId, JobId, OrganizationId, UserId, WebhookReplayId},
    },
    outbox::{self, Fact},
    platform::{SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

/// Where an event is: an organisation's number, its own, and the day it is kept under.
pub(in super::super) type Place = (OrganizationId, EventId, DateTime<Utc>);

/// An event, and the request that caused it.
pub(in super::super) type Caused = (
    OrganizationId,
    EventId,
    DateTime<Utc>,
    String,
    Option<String>,
);

type GivenUpRow = (
    BigInt,
    BigInt,
    Timestamptz,
    Nullable<Text>,
    Text,
    Timestamptz,
    Integer,
    Bool,
);

/// Jobs for the hook that are not dead, as `pending`.
macro_rules! pending {
    () => {
        "pending AS MATERIALIZED ( \
            SELECT (args ->> 'organization')::bigint AS organization_id, (args ->> 'event')::bigint AS event_id \
              FROM (SELECT args FROM jobs WHERE worker_id IS NULL AND queue = 'webhooks' AND lane = 'operator' \
                       AND kind = 'webhooks.operator.v1' \
                    UNION ALL \
                    SELECT args FROM jobs WHERE worker_id IS NOT NULL AND kind = 'webhooks.operator.v1' \
                    UNION ALL \
                    SELECT args FROM jobs_delayed WHERE kind = 'webhooks.operator.v1') j)"
    };
}

statements! {
    // The log is kept by organisation: each is asked for it.
    FindAnywhere -> (BigInt, BigInt, Timestamptz):
        "SELECT e.organization_id, e.id, e.recorded_at FROM organizations o \
          CROSS JOIN LATERAL (SELECT organization_id, id, recorded_at FROM domain_events \
                               WHERE organization_id = o.id AND id = $1) e \
          WHERE $2::bigint IS NULL OR o.id = $2";
    Facts -> (BigInt, BigInt, Timestamptz, Text, Nullable<Text>):
        "SELECT organization_id, id, recorded_at, correlation_id, traceparent FROM domain_events \
          WHERE organization_id = $1 AND id > $2 AND recorded_at >= $3 AND recorded_at < $4 \
          ORDER BY id LIMIT $5";
    WithEvents -> BigInt:
        "SELECT o.id FROM organizations o \
          WHERE ($1::bigint IS NULL OR o.id = $1) \
            AND EXISTS (SELECT FROM domain_events e WHERE e.organization_id = o.id \
                           AND e.recorded_at >= $2 AND e.recorded_at < $3) \
          ORDER BY o.id";
    BeginReplays -> (BigInt, BigInt):
        "INSERT INTO webhook_replays (organization_id, endpoint_id, from_at, to_at, only_unmet, created_by, created_at) \
         SELECT DISTINCT e.organization_id, $1::bigint, $2, $3, $4, $5::bigint, $6 FROM webhook_endpoints e \
          WHERE e.state = 'enabled' AND e.deleted_at IS NULL \
            AND ($7::bigint IS NULL OR e.organization_id = $7) AND ($1::bigint IS NULL OR e.id = $1) \
         RETURNING organization_id, id";
    // One at a time, so that nobody asks twice for what another is about to ask for.
    LockHook -> (Bool,):
        "SELECT pg_advisory_xact_lock(7301006) IS NULL";
    DeadForHook -> BigInt:
        "SELECT d.id FROM jobs_dead d \
           JOIN unnest($1::bigint[], $2::bigint[]) AS g (organization_id, event_id) \
             ON g.organization_id = (d.args ->> 'organization')::bigint AND g.event_id = (d.args ->> 'event')::bigint \
          WHERE d.kind = 'webhooks.operator.v1'";
    UnderWay -> BigInt:
        concat!("WITH ", pending!(), " SELECT DISTINCT g.event_id FROM unnest($1::bigint[], $2::bigint[]) \
                 AS g (organization_id, event_id) JOIN pending p USING (organization_id, event_id)");
    GivenUpBefore -> GivenUpRow:
        concat!("WITH ", pending!(), " SELECT f.organization_id, f.event_id, f.recorded_at, e.event_name, f.error, \
                f.failed_at, f.attempts, \
                EXISTS (SELECT FROM pending p WHERE p.organization_id = f.organization_id AND p.event_id = f.event_id) \
           FROM operator_hook_failures f \
           LEFT JOIN domain_events e ON e.organization_id = f.organization_id AND e.id = f.event_id \
                                    AND e.recorded_at = f.recorded_at \
          WHERE (f.failed_at, f.event_id) < ($1, $2) \
          ORDER BY f.failed_at DESC, f.event_id DESC LIMIT $3");
    GivenUpBy -> (BigInt, BigInt, Timestamptz, Text, Nullable<Text>):
        "SELECT f.organization_id, f.event_id, f.recorded_at, e.correlation_id, e.traceparent \
           FROM operator_hook_failures f \
           JOIN domain_events e ON e.organization_id = f.organization_id AND e.id = f.event_id \
                               AND e.recorded_at = f.recorded_at \
          WHERE f.failed_at <= $1 AND f.event_id > $2 ORDER BY f.event_id LIMIT $3";
}

/// An event by its number, whoever's it is.
pub(in super::super) async fn fact_anywhere(
    tx: &mut SystemTx,
    event: EventId,
    organization: Option<OrganizationId>,
) -> Result<Option<Fact>, StoreError> {
    let found: Option<Place> = FindAnywhere::prepared()
        .bind::<BigInt, _>(event)
        .bind::<Nullable<BigInt>, _>(organization)
        .get_result(tx.conn())
        .await
        .optional()?;
    match found {
        Some((organization, event, at)) => outbox::fact(tx, organization, event, at).await,
        None => Ok(None),
    }
}

/// Events of one organisation in a stretch of time, behind `after`.
pub(in super::super) async fn facts(
    tx: &mut SystemTx,
    organization: OrganizationId,
    stretch: &Stretch,
    after: EventId,
    limit: i64,
) -> Result<Vec<Caused>, StoreError> {
    Ok(Facts::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(after)
        .bind::<Timestamptz, _>(stretch.from)
        .bind::<Timestamptz, _>(stretch.to)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// The organisations of which anything is kept that was recorded in that stretch.
pub async fn organizations_with_events(
    tx: &mut SystemTx,
    stretch: &Stretch,
) -> Result<Vec<OrganizationId>, StoreError> {
    Ok(WithEvents::prepared()
        .bind::<Nullable<BigInt>, _>(stretch.organization)
        .bind::<Timestamptz, _>(stretch.from)
        .bind::<Timestamptz, _>(stretch.to)
        .load(tx.conn())
        .await?)
}

/// Writes a replay for each organisation that has an endpoint to send to.
pub(in super::super) async fn begin_replays(
    tx: &mut SystemTx,
    stretch: &Stretch,
    by: Option<UserId>,
) -> Result<Vec<(OrganizationId, WebhookReplayId)>, StoreError> {
    let now = tx.now();
    Ok(BeginReplays::prepared()
        .bind::<Nullable<BigInt>, _>(stretch.endpoint)
        .bind::<Timestamptz, _>(stretch.from)
        .bind::<Timestamptz, _>(stretch.to)
        .bind::<Bool, _>(stretch.only_unmet)
        .bind::<Nullable<BigInt>, _>(by)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<BigInt>, _>(stretch.organization)
        .load(tx.conn())
        .await?)
}

pub(in super::super) async fn lock_hook(tx: &mut SystemTx) -> Result<(), StoreError> {
    let (_,): (bool,) = LockHook::prepared().get_result(tx.conn()).await?;
    Ok(())
}

fn columns(events: &[Caused]) -> (Vec<OrganizationId>, Vec<EventId>) {
    events
        .iter()
        .map(|(organization, event, ..)| (*organization, *event))
        .unzip()
}

/// The dead jobs that were to tell the hook of these.
pub(in super::super) async fn dead_for_hook(
    tx: &mut SystemTx,
    events: &[Caused],
) -> Result<Vec<JobId>, StoreError> {
    let (organizations, events) = columns(events);
    Ok(DeadForHook::prepared()
        .bind::<Array<BigInt>, _>(organizations)
        .bind::<Array<BigInt>, _>(events)
        .load(tx.conn())
        .await?)
}

/// Those that a job is about to tell the hook of.
pub(in super::super) async fn under_way(
    tx: &mut SystemTx,
    events: &[Caused],
) -> Result<Vec<EventId>, StoreError> {
    let (organizations, events) = columns(events);
    Ok(UnderWay::prepared()
        .bind::<Array<BigInt>, _>(organizations)
        .bind::<Array<BigInt>, _>(events)
        .load(tx.conn())
        .await?)
}

/// What the operator's hook did not take in the end, the latest first.
pub async fn given_up(
    tx: &mut SystemTx,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<GivenUp>, StoreError> {
    let far = DateTime::from_timestamp(32_503_680_000, 0).unwrap_or_default();
    let before = after.and_then(|cursor| cursor.key.parse().ok());
    let rows = GivenUpBefore::prepared()
        .bind::<Timestamptz, _>(before.unwrap_or(far))
        .bind::<BigInt, _>(after.map_or(i64::MAX, |cursor| cursor.id))
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1)
        .load(tx.conn())
        .await?;
    Ok(Page::of(rows, limit, |one: &GivenUp| Cursor {
        key: one.failed_at.to_rfc3339(),
        id: one.event.get(),
    }))
}

/// Those given up by `until` that are still kept, behind `after`.
pub(in super::super) async fn given_up_by(
    tx: &mut SystemTx,
    until: DateTime<Utc>,
    after: EventId,
    limit: i64,
) -> Result<Vec<Caused>, StoreError> {
    Ok(GivenUpBy::prepared()
        .bind::<Timestamptz, _>(until)
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}
