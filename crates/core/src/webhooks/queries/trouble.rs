//! How an endpoint fares. Its row is written at most once in some seconds unless something changes.
use super::super::{
    jobs::Deliver,
    model::DisabledReason,
    ops::site_of_url,
    rules::{self, GRAIN},
};
use crate::{
    kernel::StoreError,
    mail::{self, Letter},
    outbox::{self, Event, NewEvent},
    platform::{SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;
use serde_json::json;

statements! {
    Succeeded:
        "UPDATE webhook_endpoints SET last_delivered_at = $3, failing_since = NULL, last_failed_at = NULL \
          WHERE organization_id = $1 AND id = $2";
    Lock -> (Nullable<Timestamptz>, Nullable<Timestamptz>):
        "SELECT failing_since, last_failed_at FROM webhook_endpoints \
          WHERE organization_id = $1 AND id = $2 AND state = 'enabled' AND deleted_at IS NULL \
            FOR NO KEY UPDATE";
    Failed:
        "UPDATE webhook_endpoints SET failing_since = $3, last_failed_at = $4, \
                throttled_until = greatest(throttled_until, $5) \
          WHERE organization_id = $1 AND id = $2";
    Disable -> (Text, Nullable<Timestamptz>):
        "UPDATE webhook_endpoints SET state = 'disabled', disabled_reason = $3, disabled_at = $4 \
          WHERE organization_id = $1 AND id = $2 AND state = 'enabled' AND deleted_at IS NULL \
         RETURNING url, failing_since";
}

type Since = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// What the endpoint's row said when the attempt began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Health {
    pub(super) failing_since: Option<DateTime<Utc>>,
    pub(super) last_failed_at: Option<DateTime<Utc>>,
    pub(super) last_delivered_at: Option<DateTime<Utc>>,
}

/// An endpoint that was just put out of service.
#[derive(Debug)]
pub(super) struct Disabled {
    pub(super) reason: DisabledReason,
    url: String,
    failing_since: Option<DateTime<Utc>>,
}

/// Any success clears all trouble.
pub(super) async fn note_success(
    tx: &mut SystemTx,
    job: &Deliver,
    health: &Health,
) -> Result<(), StoreError> {
    let now = tx.now();
    let is_news = health.failing_since.is_some()
        || health
            .last_delivered_at
            .is_none_or(|last| now - last >= GRAIN);
    if is_news {
        Succeeded::prepared()
            .bind::<BigInt, _>(job.organization)
            .bind::<BigInt, _>(job.endpoint)
            .bind::<Timestamptz, _>(now)
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

pub(super) async fn note_failure(
    tx: &mut SystemTx,
    job: &Deliver,
    health: &Health,
    leave_alone: Option<DateTime<Utc>>,
) -> Result<Option<Disabled>, StoreError> {
    let now = tx.now();
    let is_known = health.failing_since.is_some()
        && health.last_failed_at.is_some_and(|last| now - last < GRAIN);
    if is_known && leave_alone.is_none() {
        return Ok(None);
    }
    // A success may have come in between: look again, with nobody else writing.
    let row = Lock::prepared()
        .bind::<BigInt, _>(job.organization)
        .bind::<BigInt, _>(job.endpoint)
        .get_result::<Since>(tx.conn())
        .await
        .optional()?;
    let Some((since, last)) = row else {
        return Ok(None);
    };
    let trouble = rules::failed(since, last, now);
    Failed::prepared()
        .bind::<BigInt, _>(job.organization)
        .bind::<BigInt, _>(job.endpoint)
        .bind::<Timestamptz, _>(trouble.since)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Timestamptz>, _>(leave_alone)
        .execute(tx.conn())
        .await?;
    if trouble.is_hopeless {
        disable(tx, job, DisabledReason::Failing).await
    } else {
        Ok(None)
    }
}

pub(super) async fn note_gone(
    tx: &mut SystemTx,
    job: &Deliver,
) -> Result<Option<Disabled>, StoreError> {
    disable(tx, job, DisabledReason::Gone).await
}

async fn disable(
    tx: &mut SystemTx,
    job: &Deliver,
    reason: DisabledReason,
) -> Result<Option<Disabled>, StoreError> {
    let now = tx.now();
    let row: Option<(String, Option<DateTime<Utc>>)> = Disable::prepared()
        .bind::<BigInt, _>(job.organization)
        .bind::<BigInt, _>(job.endpoint)
        .bind::<Text, _>(reason)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await
        .optional()?;
    Ok(row.map(|(url, failing_since)| Disabled {
        reason,
        url,
        failing_since,
    }))
}

/// Owners hear of it by mail, others by an event.
pub(super) async fn tell(
    tx: &mut SystemTx,
    job: &Deliver,
    disabled: &Disabled,
    last_error: Option<&str>,
    correlation: &str,
) -> Result<(), StoreError> {
    let letter = Letter::EndpointDisabled {
        endpoint: job.endpoint,
        url: disabled.url.clone(),
        failing_since: disabled.failing_since,
        last_error: last_error.map(str::to_owned),
    };
    mail::send_to_owners_for_system(tx, correlation, job.organization, letter).await?;
    let told = json!({ "url": site_of_url(&disabled.url), "reason": disabled.reason });
    let event = NewEvent::new(Event::WebhookEndpointDisabled, job.endpoint.get(), told);
    outbox::emit_for_system(tx, job.organization, None, correlation, vec![event]).await
}
