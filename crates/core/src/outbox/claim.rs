//! Claiming takes a lease, not a lock: no transaction stays open while a consumer works, and what
//! a dead consumer held comes back when its lease runs out.
use super::event::Consumer;
use crate::{
    kernel::{
        StoreError,
        ids::{EventId, OrganizationId, UserId},
    },
    platform::{SystemDb, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    Queryable,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;
use serde_json::Value;
use std::time::Duration;

/// A fact that one consumer is to deal with until its lease runs out.
#[derive(Debug, Clone, PartialEq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Claimed {
    pub organization: OrganizationId,
    pub event: EventId,
    /// How often it has been claimed, this time included.
    pub attempt: i32,
    pub name: String,
    pub schema_version: i16,
    pub occurred_at: DateTime<Utc>,
    pub user: Option<UserId>,
    pub entity_type: String,
    pub entity_id: i64,
    pub correlation: String,
    pub source: String,
    pub properties: Value,
}

/// Proof of one claim. Worth nothing once somebody else has claimed the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Receipt {
    pub organization: OrganizationId,
    pub event: EventId,
    pub attempt: i32,
}

impl Claimed {
    pub const fn receipt(&self) -> Receipt {
        Receipt {
            organization: self.organization,
            event: self.event,
            attempt: self.attempt,
        }
    }
}

type ClaimedRow = (
    BigInt,
    BigInt,
    Integer,
    Text,
    SmallInt,
    Timestamptz,
    Nullable<BigInt>,
    Text,
    BigInt,
    Text,
    Text,
    Jsonb,
);

statements! {
    // Whoever claims at the same moment passes over what is locked here.
    Claim -> ClaimedRow:
        "WITH due AS ( \
            SELECT organization_id, event_id FROM outbox_queue \
             WHERE consumer = $1 AND available_at <= $2 \
             ORDER BY available_at, event_id LIMIT $3 \
               FOR UPDATE SKIP LOCKED), \
         claimed AS ( \
            UPDATE outbox_queue q SET available_at = $4, attempt = q.attempt + 1 FROM due \
             WHERE q.organization_id = due.organization_id AND q.event_id = due.event_id \
               AND q.consumer = $1 \
            RETURNING q.organization_id, q.event_id, q.attempt) \
         SELECT e.organization_id, e.id, c.attempt, e.event_name, e.schema_version, e.occurred_at, \
                e.user_id, e.entity_type, e.entity_id, e.correlation_id, e.source, e.properties \
           FROM claimed c \
           JOIN domain_events e ON e.organization_id = c.organization_id AND e.id = c.event_id \
          ORDER BY e.id";
    Finish:
        "DELETE FROM outbox_queue q \
          USING unnest($2::bigint[], $3::bigint[], $4::integer[]) \
                AS done (organization_id, event_id, attempt) \
          WHERE q.consumer = $1 AND q.organization_id = done.organization_id \
            AND q.event_id = done.event_id AND q.attempt = done.attempt";
    OldestDue -> Nullable<Timestamptz>:
        "SELECT min(available_at) FROM outbox_queue WHERE consumer = $1 AND available_at <= $2";
}

/// Claims up to `limit` due events for `lease`, the longest waiting first.
pub async fn claim(
    db: &SystemDb,
    consumer: Consumer,
    limit: u32,
    lease: Duration,
) -> Result<Vec<Claimed>, StoreError> {
    let mut tx = db.begin().await?;
    let now = tx.now();
    let claimed = Claim::prepared()
        .bind::<Text, _>(consumer)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(i64::from(limit))
        .bind::<Timestamptz, _>(now + lease)
        .load(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(claimed)
}

/// Strikes off what is done and says how much that was. Events whose lease ran out and which
/// somebody else has claimed since are left to them.
pub async fn finish(
    db: &SystemDb,
    consumer: Consumer,
    done: &[Receipt],
) -> Result<usize, StoreError> {
    if done.is_empty() {
        return Ok(0);
    }
    let mut tx = db.begin().await?;
    let struck = Finish::prepared()
        .bind::<Text, _>(consumer)
        .bind::<Array<BigInt>, _>(done.iter().map(|r| r.organization).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(done.iter().map(|r| r.event).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(done.iter().map(|r| r.attempt).collect::<Vec<_>>())
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(struck)
}

/// Since when the longest waiting event has been due; `None` when nothing waits.
pub async fn oldest_due(
    db: &SystemDb,
    consumer: Consumer,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut tx = db.begin().await?;
    let now = tx.now();
    Ok(OldestDue::prepared()
        .bind::<Text, _>(consumer)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await?)
}
