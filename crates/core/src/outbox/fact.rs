use crate::{
    kernel::{
        StoreError,
        ids::{EventId, OrganizationId, UserId},
    },
    platform::{SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _, Queryable,
    sql_types::{BigInt, Jsonb, Nullable, SmallInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;
use serde_json::Value;

/// What happened, as those who follow the log read it.
#[derive(Debug, Clone, PartialEq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Fact {
    pub organization: OrganizationId,
    pub event: EventId,
    /// The day it is kept under, to the microsecond: a fact is looked up by both.
    pub recorded_at: DateTime<Utc>,
    /// The name of an [`super::Event`]; one that this program doesn't know is still passed on.
    pub name: String,
    pub schema_version: i16,
    pub occurred_at: DateTime<Utc>,
    pub user: Option<UserId>,
    pub entity_type: String,
    pub entity_id: i64,
    pub correlation: String,
    /// The trace it belongs to, as W3C writes it.
    pub traceparent: Option<String>,
    pub source: String,
    pub properties: Value,
}

pub(super) type FactRow = (
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

statements! {
    Find -> FactRow:
        "SELECT organization_id, id, recorded_at, event_name, schema_version, occurred_at, user_id, \
                entity_type, entity_id, correlation_id, traceparent, source, properties \
           FROM domain_events WHERE organization_id = $1 AND id = $2 AND recorded_at = $3";
}

/// One fact, unless it has gone with its day.
pub async fn fact(
    tx: &mut SystemTx,
    organization: OrganizationId,
    event: EventId,
    recorded_at: DateTime<Utc>,
) -> Result<Option<Fact>, StoreError> {
    Ok(Find::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(event)
        .bind::<Timestamptz, _>(recorded_at)
        .get_result(tx.conn())
        .await
        .optional()?)
}
