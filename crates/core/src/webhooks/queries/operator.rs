//! What the operator's own hook did not take. Its job gave up; `batchtrack replay` sends it again.
//! The note goes with its event (`outbox::rotate`).
use super::super::jobs::TellOperator;
use crate::{
    kernel::{
        StoreError,
        ids::{EventId, OrganizationId},
    },
    platform::{SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Integer, Text, Timestamptz};
use diesel_async::RunQueryDsl as _;

statements! {
    Note:
        "INSERT INTO operator_hook_failures (organization_id, event_id, recorded_at, error, failed_at, attempts) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (organization_id, event_id, recorded_at) \
         DO UPDATE SET error = excluded.error, failed_at = excluded.failed_at, attempts = excluded.attempts";
    Strike:
        "DELETE FROM operator_hook_failures WHERE organization_id = $1 AND event_id = $2 AND recorded_at = $3";
}

/// After so many attempts in vain.
pub async fn note_operator_failure(
    tx: &mut SystemTx,
    job: &TellOperator,
    attempts: i32,
    error: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    Note::prepared()
        .bind::<BigInt, _>(job.organization)
        .bind::<BigInt, _>(job.event)
        .bind::<Timestamptz, _>(job.recorded_at)
        .bind::<Text, _>(error.to_owned())
        .bind::<Timestamptz, _>(now)
        .bind::<Integer, _>(attempts)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// It was taken after all.
pub async fn operator_was_told(
    tx: &mut SystemTx,
    organization: OrganizationId,
    event: EventId,
    recorded_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    Strike::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(event)
        .bind::<Timestamptz, _>(recorded_at)
        .execute(tx.conn())
        .await?;
    Ok(())
}
