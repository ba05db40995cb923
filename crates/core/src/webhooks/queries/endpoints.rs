//! Endpoints and their secrets, as their organisation sees them.
use super::super::{
    model::{DisabledReason, Endpoint, EndpointState, Recent},
    rules::MOST_ENDPOINTS,
};
use crate::{
    kernel::{StoreError, ids::WebhookEndpointId},
    platform::{OrgTx, SystemDb, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

/// How many of an endpoint's latest deliveries its share of successes is reckoned from.
pub const RECENT: i64 = 100;

type EndpointRow = (
    BigInt,
    Text,
    Text,
    Array<Text>,
    Text,
    Nullable<Text>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<BigInt>,
    Timestamptz,
);

statements! {
    List -> EndpointRow:
        "SELECT id, url, description, events, state, disabled_reason, disabled_at, failing_since, \
                last_delivered_at, throttled_until, created_by, created_at \
           FROM webhook_endpoints WHERE organization_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT $2";
    Find -> EndpointRow:
        "SELECT id, url, description, events, state, disabled_reason, disabled_at, failing_since, \
                last_delivered_at, throttled_until, created_by, created_at \
           FROM webhook_endpoints WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL";
    Lock -> EndpointRow:
        "SELECT id, url, description, events, state, disabled_reason, disabled_at, failing_since, \
                last_delivered_at, throttled_until, created_by, created_at \
           FROM webhook_endpoints WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL \
            FOR NO KEY UPDATE";
    // However much was sent: the latest few of each endpoint.
    RecentOf -> (BigInt, BigInt, BigInt, BigInt):
        "SELECT e.id, count(*) FILTER (WHERE d.state = 'delivered'), \
                count(*) FILTER (WHERE d.state = 'failed'), count(*) FILTER (WHERE d.state = 'pending') \
           FROM unnest($2::bigint[]) AS e (id) \
           CROSS JOIN LATERAL (SELECT state FROM webhook_deliveries \
                 WHERE organization_id = $1 AND endpoint_id = e.id AND cause <> 'test' \
                 ORDER BY id DESC LIMIT $3) AS d \
          GROUP BY e.id";
    // One too many are refused by counting under a lock that all who add take.
    Insert -> BigInt:
        "INSERT INTO webhook_endpoints (organization_id, url, description, events, created_by, created_at) \
         SELECT $1, $2, $3, $4, $5, $6 \
           FROM (SELECT pg_advisory_xact_lock(7301050, ($1 % 2147483647)::int)) AS held \
         RETURNING id";
    Count -> BigInt:
        "SELECT count(*) FROM webhook_endpoints WHERE organization_id = $1 AND deleted_at IS NULL";
    Update:
        "UPDATE webhook_endpoints \
            SET url = $3, description = $4, events = $5, state = $6, disabled_reason = $7, disabled_at = $8, \
                failing_since = $9, last_failed_at = CASE WHEN $9 IS NULL THEN NULL ELSE last_failed_at END, \
                throttled_until = $10 \
          WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL";
    Delete:
        "UPDATE webhook_endpoints SET deleted_at = $3 \
          WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL";
    ForgetSecrets:
        "DELETE FROM webhook_secrets WHERE organization_id = $1 AND endpoint_id = $2";
    // At most two are live: whoever rotates twice in a day has a reason, and the oldest goes at once.
    RetireSecrets:
        "DELETE FROM webhook_secrets WHERE organization_id = $1 AND endpoint_id = $2 AND expires_at IS NOT NULL";
    ExpireSecret:
        "UPDATE webhook_secrets SET expires_at = $3 \
          WHERE organization_id = $1 AND endpoint_id = $2 AND expires_at IS NULL";
    InsertSecret:
        "INSERT INTO webhook_secrets (organization_id, endpoint_id, sealed, created_at) VALUES ($1, $2, $3, $4)";
    ForgetExpired:
        "DELETE FROM webhook_secrets WHERE (organization_id, id) IN ( \
            SELECT organization_id, id FROM webhook_secrets \
             WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    FormerSecret -> Nullable<Timestamptz>:
        "SELECT max(expires_at) FROM webhook_secrets \
          WHERE organization_id = $1 AND endpoint_id = $2 AND expires_at > $3";
}

/// All endpoints, the oldest first.
pub async fn endpoints(tx: &mut OrgTx) -> Result<Vec<Endpoint>, StoreError> {
    Ok(List::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(MOST_ENDPOINTS * 2)
        .load(tx.conn())
        .await?)
}

pub async fn endpoint(
    tx: &mut OrgTx,
    id: WebhookEndpointId,
) -> Result<Option<Endpoint>, StoreError> {
    Ok(find!(Find, tx, id)?)
}

/// How the latest deliveries to each went; an endpoint that was sent nothing is left out.
pub async fn recent(
    tx: &mut OrgTx,
    endpoints: &[WebhookEndpointId],
) -> Result<Vec<(WebhookEndpointId, Recent)>, StoreError> {
    let rows: Vec<(_, i64, i64, i64)> = RecentOf::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(endpoints.to_vec())
        .bind::<BigInt, _>(RECENT)
        .load(tx.conn())
        .await?;
    let recent = |(id, delivered, failed, pending)| {
        (
            id,
            Recent {
                delivered,
                failed,
                pending,
            },
        )
    };
    Ok(rows.into_iter().map(recent).collect())
}

/// Until when the secret before the present one signs as well.
pub async fn former_secret_until(
    tx: &mut OrgTx,
    id: WebhookEndpointId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let now = tx.now();
    Ok(FormerSecret::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await?)
}

/// The same as [`endpoint`], held until the commit: no attempt starts meanwhile.
pub(in super::super) async fn lock(
    tx: &mut OrgTx,
    id: WebhookEndpointId,
) -> Result<Option<Endpoint>, StoreError> {
    Ok(find!(Lock, tx, id)?)
}

/// What is written of an endpoint.
pub(in super::super) struct Written {
    pub(in super::super) url: String,
    pub(in super::super) description: String,
    pub(in super::super) events: Vec<String>,
}

/// Says the new one's id, and how many there are with it.
pub(in super::super) async fn insert(
    tx: &mut OrgTx,
    new: Written,
) -> Result<(WebhookEndpointId, i64), StoreError> {
    let (organization, user, now) = (tx.organization(), tx.user(), tx.now());
    let id = Insert::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Text, _>(new.url)
        .bind::<Text, _>(new.description)
        .bind::<Array<Text>, _>(new.events)
        .bind::<Nullable<BigInt>, _>(user)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await?;
    let count = Count::prepared()
        .bind::<BigInt, _>(organization)
        .get_result(tx.conn())
        .await?;
    Ok((id, count))
}

pub(in super::super) async fn update(
    tx: &mut OrgTx,
    endpoint: &Endpoint,
) -> Result<(), StoreError> {
    let organization = tx.organization();
    Update::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(endpoint.id)
        .bind::<Text, _>(endpoint.url.clone())
        .bind::<Text, _>(endpoint.description.clone())
        .bind::<Array<Text>, _>(endpoint.events.clone())
        .bind::<Text, EndpointState>(endpoint.state)
        .bind::<Nullable<Text>, Option<DisabledReason>>(endpoint.disabled_reason)
        .bind::<Nullable<Timestamptz>, _>(endpoint.disabled_at)
        .bind::<Nullable<Timestamptz>, _>(endpoint.failing_since)
        .bind::<Nullable<Timestamptz>, _>(endpoint.throttled_until)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The row stays for the log; its secrets go.
pub(in super::super) async fn delete(
    tx: &mut OrgTx,
    id: WebhookEndpointId,
) -> Result<(), StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    Delete::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    ForgetSecrets::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Makes `sealed` the current secret; the one before it, if any, signs until `former_until`.
pub(in super::super) async fn replace_secret(
    tx: &mut OrgTx,
    id: WebhookEndpointId,
    sealed: Vec<u8>,
    former_until: DateTime<Utc>,
) -> Result<(), StoreError> {
    let organization = tx.organization();
    RetireSecrets::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(id)
        .execute(tx.conn())
        .await?;
    ExpireSecret::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(former_until)
        .execute(tx.conn())
        .await?;
    insert_secret(tx, id, sealed).await
}

pub(in super::super) async fn insert_secret(
    tx: &mut OrgTx,
    id: WebhookEndpointId,
    sealed: Vec<u8>,
) -> Result<(), StoreError> {
    let (organization, now) = (tx.organization(), tx.now());
    InsertSecret::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(id)
        .bind::<Binary, _>(sealed)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Drops up to `most` secrets that sign nothing any more; says how many there were.
pub async fn forget_secrets(db: &SystemDb, most: i64) -> Result<usize, StoreError> {
    let mut tx = db.begin().await?;
    let now = tx.now();
    let dropped = ForgetExpired::prepared()
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(most)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(dropped)
}
