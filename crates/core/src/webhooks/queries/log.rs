//! The log of deliveries, as its organisation sees it, and what it asks to be sent again.
use super::super::model::{Attempt, Cause, Delivery, NewReplay, Replay, Wanted};
use crate::{
    kernel::{
        Cursor, Page, StoreError,
        ids::{EventId, WebhookDeliveryId, WebhookEndpointId, WebhookReplayId},
    },
    outbox::Fact,
    platform::{OrgTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

type DeliveryRow = (
    BigInt,
    Timestamptz,
    BigInt,
    Text,
    Nullable<BigInt>,
    Nullable<Timestamptz>,
    Text,
    Text,
    Text,
    Text,
    Integer,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<Integer>,
    Nullable<Text>,
);
type AttemptRow = (
    Integer,
    Timestamptz,
    BigInt,
    Text,
    Jsonb,
    Nullable<Integer>,
    Nullable<Jsonb>,
    Nullable<Text>,
    Nullable<Text>,
);
type FactRow = (
    BigInt,
    BigInt,
    Timestamptz,
    Text,
    SmallInt,
    Timestamptz,
    Nullable<BigInt>,
    Text,
    BigInt,
    Text,
    Nullable<Text>,
    Text,
    Jsonb,
);
type ReplayRow = (
    BigInt,
    Nullable<BigInt>,
    Nullable<Text>,
    Timestamptz,
    Timestamptz,
    Bool,
    Timestamptz,
    BigInt,
    Nullable<Timestamptz>,
);

macro_rules! deliveries {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.created_at, d.endpoint_id, e.url, d.event_id, d.event_recorded_at, d.event_name, \
                    d.message_id, d.cause, d.state, d.attempts, d.next_attempt_at, d.finished_at, d.last_status, \
                    d.last_error \
               FROM webhook_deliveries d \
               JOIN webhook_endpoints e ON e.organization_id = d.organization_id AND e.id = d.endpoint_id \
              WHERE d.organization_id = $1 ",
            $rest
        )
    };
}

statements! {
    // One for each way to narrow the list, so that each has its index.
    List -> DeliveryRow: deliveries!(
        "AND d.id < $2 AND d.created_at >= $4 AND d.created_at < $5 ORDER BY d.id DESC LIMIT $3");
    ListOfEndpoint -> DeliveryRow: deliveries!(
        "AND d.id < $2 AND d.created_at >= $4 AND d.created_at < $5 AND d.endpoint_id = $6 \
         AND ($7 IS NULL OR d.event_name = $7) ORDER BY d.id DESC LIMIT $3");
    ListOfEvent -> DeliveryRow: deliveries!(
        "AND d.id < $2 AND d.created_at >= $4 AND d.created_at < $5 AND d.event_name = $6 \
         ORDER BY d.id DESC LIMIT $3");
    ListDelivered -> DeliveryRow: deliveries!(
        "AND d.id < $2 AND d.created_at >= $4 AND d.created_at < $5 AND d.state = 'delivered' \
         AND ($6 IS NULL OR d.endpoint_id = $6) AND ($7 IS NULL OR d.event_name = $7) ORDER BY d.id DESC LIMIT $3");
    ListUnmet -> DeliveryRow: deliveries!(
        "AND d.id < $2 AND d.created_at >= $4 AND d.created_at < $5 AND d.state = $6 AND d.state <> 'delivered' \
         AND ($7 IS NULL OR d.endpoint_id = $7) AND ($8 IS NULL OR d.event_name = $8) ORDER BY d.id DESC LIMIT $3");
    Find -> DeliveryRow: deliveries!("AND d.id = $2");
    Attempts -> AttemptRow:
        "SELECT number, started_at, duration_us, url, request_headers, status, answer_headers, answer_body, error \
           FROM webhook_attempts WHERE organization_id = $1 AND delivery_id = $2 AND started_at >= $3 \
          ORDER BY number, started_at";
    FindFact -> FactRow:
        "SELECT organization_id, id, recorded_at, event_name, schema_version, occurred_at, user_id, \
                entity_type, entity_id, correlation_id, traceparent, source, properties \
           FROM domain_events WHERE organization_id = $1 AND id = $2 AND recorded_at = $3";
    Plan -> BigInt:
        "INSERT INTO webhook_deliveries (organization_id, created_at, endpoint_id, event_id, \
                                         event_recorded_at, event_name, message_id, cause, next_attempt_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $2) RETURNING id";
    InsertReplay -> BigInt:
        "INSERT INTO webhook_replays (organization_id, endpoint_id, event_name, from_at, to_at, only_unmet, \
                                      created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
    FindReplay -> ReplayRow:
        "SELECT id, endpoint_id, event_name, from_at, to_at, only_unmet, created_at, planned, finished_at \
           FROM webhook_replays WHERE organization_id = $1 AND id = $2";
}

/// Deliveries, the newest first, a page at a time.
pub async fn deliveries(
    tx: &mut OrgTx,
    wanted: &Wanted,
    before: Option<&Cursor>,
    limit: u16,
) -> Result<Page<Delivery>, StoreError> {
    use super::super::model::DeliveryState;
    let organization = tx.organization();
    let before = before.map_or(i64::MAX, |cursor| cursor.id);
    // The database knows fewer years than a query may name.
    let kept = |at: DateTime<Utc>| at.clamp(DateTime::UNIX_EPOCH, far());
    let from = wanted.from.map_or(DateTime::UNIX_EPOCH, kept);
    let to = wanted.to.map_or_else(far, kept);
    macro_rules! ask {
        ($statement:ident) => {
            $statement::prepared()
                .bind::<BigInt, _>(organization)
                .bind::<BigInt, _>(before)
                .bind::<BigInt, _>(i64::from(limit) + 1)
                .bind::<Timestamptz, _>(from)
                .bind::<Timestamptz, _>(to)
        };
    }
    let (endpoint, name) = (wanted.endpoint, wanted.event_name.clone());
    let rows: Vec<Delivery> = match (wanted.state, endpoint, &name) {
        (Some(DeliveryState::Delivered), _, _) => {
            ask!(ListDelivered)
                .bind::<Nullable<BigInt>, _>(endpoint)
                .bind::<Nullable<Text>, _>(name)
                .load(tx.conn())
                .await?
        }
        (Some(state), _, _) => {
            ask!(ListUnmet)
                .bind::<Text, _>(state)
                .bind::<Nullable<BigInt>, _>(endpoint)
                .bind::<Nullable<Text>, _>(name)
                .load(tx.conn())
                .await?
        }
        (None, Some(endpoint), _) => {
            ask!(ListOfEndpoint)
                .bind::<BigInt, _>(endpoint)
                .bind::<Nullable<Text>, _>(name)
                .load(tx.conn())
                .await?
        }
        (None, None, Some(name)) => {
            ask!(ListOfEvent)
                .bind::<Text, _>(name.clone())
                .load(tx.conn())
                .await?
        }
        (None, None, None) => ask!(List).load(tx.conn()).await?,
    };
    Ok(Page::of(rows, usize::from(limit), |row| Cursor {
        key: String::new(),
        id: row.id.get(),
    }))
}

pub async fn delivery(
    tx: &mut OrgTx,
    id: WebhookDeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    Ok(find!(Find, tx, id)?)
}

/// What was tried for a delivery, the first attempt first.
pub async fn attempts(tx: &mut OrgTx, of: &Delivery) -> Result<Vec<Attempt>, StoreError> {
    Ok(Attempts::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(of.id)
        .bind::<Timestamptz, _>(of.created_at)
        .load(tx.conn())
        .await?)
}

/// What a delivery tells of, unless it has gone with its day.
pub(in super::super) async fn fact_of(
    tx: &mut OrgTx,
    delivery: &Delivery,
) -> Result<Option<Fact>, StoreError> {
    let (Some(event), Some(recorded_at)) = (delivery.event, delivery.event_recorded_at) else {
        return Ok(None);
    };
    Ok(FindFact::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(event)
        .bind::<Timestamptz, _>(recorded_at)
        .get_result(tx.conn())
        .await
        .optional()?)
}

/// A delivery that somebody asked for.
pub(in super::super) struct Asked {
    pub(in super::super) endpoint: WebhookEndpointId,
    pub(in super::super) event: Option<(EventId, DateTime<Utc>)>,
    pub(in super::super) event_name: String,
    pub(in super::super) message_id: String,
    pub(in super::super) cause: Cause,
}

pub(in super::super) async fn plan_one(
    tx: &mut OrgTx,
    asked: Asked,
    at: DateTime<Utc>,
) -> Result<WebhookDeliveryId, StoreError> {
    let organization = tx.organization();
    Ok(Plan::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(at)
        .bind::<BigInt, _>(asked.endpoint)
        .bind::<Nullable<BigInt>, _>(asked.event.map(|(event, _)| event))
        .bind::<Nullable<Timestamptz>, _>(asked.event.map(|(_, recorded_at)| recorded_at))
        .bind::<Text, _>(asked.event_name)
        .bind::<Text, _>(asked.message_id)
        .bind::<Text, _>(asked.cause)
        .get_result(tx.conn())
        .await?)
}

pub(in super::super) async fn insert_replay(
    tx: &mut OrgTx,
    new: NewReplay,
    stretch: (DateTime<Utc>, DateTime<Utc>),
) -> Result<WebhookReplayId, StoreError> {
    let (organization, user, now) = (tx.organization(), tx.user(), tx.now());
    Ok(InsertReplay::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Nullable<BigInt>, _>(new.endpoint)
        .bind::<Nullable<Text>, _>(new.event_name)
        .bind::<Timestamptz, _>(stretch.0)
        .bind::<Timestamptz, _>(stretch.1)
        .bind::<Bool, _>(new.only_unmet)
        .bind::<Nullable<BigInt>, _>(user)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await?)
}

pub async fn replay(tx: &mut OrgTx, id: WebhookReplayId) -> Result<Option<Replay>, StoreError> {
    Ok(find!(FindReplay, tx, id)?)
}

/// Later than anything that is kept.
fn far() -> DateTime<Utc> {
    DateTime::from_timestamp(32_503_680_000, 0).unwrap_or(DateTime::UNIX_EPOCH)
}
