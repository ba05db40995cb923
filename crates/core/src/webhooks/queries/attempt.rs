//! One attempt of one delivery, from the dispatcher's side: begun in one transaction, settled in
//! another, with nothing held in between.
use super::{
    super::{
        jobs::Deliver,
        model::{Attempt, Cause, DeliveryState, DisabledReason, EndpointState},
        payload,
        secret::{Safe, Secret},
    },
    trouble::{self, Health},
};
use crate::{
    kernel::{StoreError, ids::EventId},
    outbox,
    platform::{SystemTx, prepared::statements, seal::Unsealable},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _, Queryable,
    sql_types::{Array, BigInt, Binary, Bool, Integer, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

type BegunRow = (
    Text,
    Text,
    Bool,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Text,
    Integer,
    Nullable<Timestamptz>,
    Nullable<BigInt>,
    Nullable<Timestamptz>,
    Text,
    Text,
    Array<Binary>,
);

#[derive(Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Begun {
    url: String,
    endpoint_state: EndpointState,
    is_deleted: bool,
    throttled_until: Option<DateTime<Utc>>,
    failing_since: Option<DateTime<Utc>>,
    last_failed_at: Option<DateTime<Utc>>,
    last_delivered_at: Option<DateTime<Utc>>,
    state: DeliveryState,
    attempts: i32,
    next_attempt_at: Option<DateTime<Utc>>,
    event: Option<EventId>,
    event_recorded_at: Option<DateTime<Utc>>,
    message_id: String,
    cause: Cause,
    sealed: Vec<Vec<u8>>,
}

statements! {
    // Whoever disables or deletes the endpoint waits for this transaction, or this one for them: an
    // attempt that has begun began before.
    Begin -> BegunRow:
        "SELECT e.url, e.state, e.deleted_at IS NOT NULL, e.throttled_until, e.failing_since, \
                e.last_failed_at, e.last_delivered_at, d.state, d.attempts, d.next_attempt_at, d.event_id, \
                d.event_recorded_at, d.message_id, d.cause, \
                ARRAY(SELECT s.sealed FROM webhook_secrets s \
                       WHERE s.organization_id = $1 AND s.endpoint_id = $2 \
                         AND (s.expires_at IS NULL OR s.expires_at > $5) ORDER BY s.id DESC) \
           FROM webhook_endpoints e \
           JOIN webhook_deliveries d ON d.organization_id = e.organization_id AND d.endpoint_id = e.id \
          WHERE e.organization_id = $1 AND e.id = $2 \
            AND d.organization_id = $1 AND d.id = $3 AND d.created_at = $4 \
            FOR SHARE OF e";
    Cancel:
        "UPDATE webhook_deliveries SET state = 'cancelled', finished_at = $4, next_attempt_at = NULL, last_error = $5 \
          WHERE organization_id = $1 AND id = $2 AND created_at = $3 AND state = 'pending'";
    // Both or neither: an attempt that somebody else has settled is settled once.
    Settle:
        "WITH settled AS ( \
            UPDATE webhook_deliveries \
               SET attempts = $4, state = $5, next_attempt_at = $6, finished_at = $7, last_status = $8, last_error = $9 \
             WHERE organization_id = $1 AND id = $2 AND created_at = $3 \
               AND state = 'pending' AND attempts = $4 - 1 \
            RETURNING organization_id, id) \
         INSERT INTO webhook_attempts (organization_id, delivery_id, number, started_at, duration_us, url, \
                                       request_headers, status, answer_headers, answer_body, error) \
         SELECT organization_id, id, $4, $10, $11, $12, $13, $8, $14, $15, $16 FROM settled";
}

/// What is to be sent, and where.
#[derive(Debug)]
pub struct Ready {
    pub url: String,
    pub message_id: String,
    pub body: Vec<u8>,
    /// The newest first.
    pub secrets: Vec<Secret>,
    /// Which attempt this is, from 1.
    pub number: i32,
    /// A moment at which the endpoint was there, for whoever deletes it waits for the unit of work in which
    /// the attempt begins.
    pub started_at: DateTime<Utc>,
    pub cause: Cause,
    health: Health,
}

/// Whether an attempt is to be made.
#[derive(Debug)]
pub enum Started {
    Go(Box<Ready>),
    /// Not before then.
    NotYet(DateTime<Utc>),
    /// Nothing is left to do: it is finished, or gone with its day.
    Nothing,
    /// Nothing is to be sent any more, for this reason: [`cancel`] it.
    Over(&'static str),
    /// Its secrets were sealed with another key.
    Locked(Unsealable),
}

/// Begins an attempt, unless there is a reason not to.
pub async fn begin(tx: &mut SystemTx, job: &Deliver, safe: &Safe) -> Result<Started, StoreError> {
    let now = tx.now();
    let begun: Option<Begun> = Begin::prepared()
        .bind::<BigInt, _>(job.organization)
        .bind::<BigInt, _>(job.endpoint)
        .bind::<BigInt, _>(job.delivery)
        .bind::<Timestamptz, _>(job.day)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await
        .optional()?;
    let Some(begun) = begun.filter(|begun| begun.state == DeliveryState::Pending) else {
        return Ok(Started::Nothing);
    };
    if begun.is_deleted {
        return Ok(Started::Over("the endpoint was deleted"));
    }
    if begun.endpoint_state == EndpointState::Disabled {
        return Ok(Started::Over("the endpoint is disabled"));
    }
    let is_test = begun.cause == Cause::Test;
    let not_before = begun
        .next_attempt_at
        .max(begun.throttled_until.filter(|_| !is_test));
    if let Some(at) = not_before.filter(|at| *at > now) {
        return Ok(Started::NotYet(at));
    }
    let body = match (begun.event, begun.event_recorded_at) {
        (Some(event), Some(recorded_at)) => {
            let Some(fact) = outbox::fact(tx, job.organization, event, recorded_at).await? else {
                return Ok(Started::Over("the event is no longer kept"));
            };
            payload::body(&fact)
        }
        _ => payload::test_body(job.organization, job.endpoint, &begun.message_id, job.day),
    };
    let secrets: Result<Vec<_>, _> = begun
        .sealed
        .iter()
        .map(|sealed| safe.take(job.organization, job.endpoint, sealed))
        .collect();
    Ok(match secrets {
        Ok(secrets) => Started::Go(Box::new(Ready {
            url: begun.url,
            message_id: begun.message_id,
            body,
            secrets,
            number: begun.attempts + 1,
            started_at: now,
            cause: begun.cause,
            health: Health {
                failing_since: begun.failing_since,
                last_failed_at: begun.last_failed_at,
                last_delivered_at: begun.last_delivered_at,
            },
        })),
        Err(error) => Started::Locked(error),
    })
}

/// Ends a delivery that nothing is sent for any more.
pub async fn cancel(tx: &mut SystemTx, job: &Deliver, reason: &str) -> Result<(), StoreError> {
    let now = tx.now();
    Cancel::prepared()
        .bind::<BigInt, _>(job.organization)
        .bind::<BigInt, _>(job.delivery)
        .bind::<Timestamptz, _>(job.day)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(reason.to_owned())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What an attempt comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    /// It failed; the next is due then.
    Again(DateTime<Utc>),
    /// It failed and was the last.
    Failed,
    /// The receiver wants nothing any more, now or ever.
    Gone,
}

/// What became of the endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// Somebody else has settled this attempt: nothing was written, and nothing may be.
    TooLate,
    Done,
    /// The endpoint was put out of service on account of it.
    Disabled(DisabledReason),
}

/// Writes down an attempt and what follows from it, unless somebody else has. `leave_alone` is how
/// long the receiver wants to be sent nothing.
pub async fn settle(
    tx: &mut SystemTx,
    job: &Deliver,
    ready: &Ready,
    attempt: Attempt,
    outcome: Outcome,
    leave_alone: Option<DateTime<Utc>>,
    correlation: &str,
) -> Result<Settled, StoreError> {
    // The endpoint first and the delivery second, as when an attempt begins.
    let error = attempt.error.as_deref();
    let disabled = match outcome {
        Outcome::Delivered => {
            trouble::note_success(tx, job, &ready.health).await?;
            None
        }
        Outcome::Gone => trouble::note_gone(tx, job).await?,
        // A test says nothing of how the endpoint fares.
        Outcome::Again(_) | Outcome::Failed if ready.cause == Cause::Test => None,
        Outcome::Again(_) | Outcome::Failed => {
            trouble::note_failure(tx, job, &ready.health, leave_alone).await?
        }
    };
    if let Some(disabled) = &disabled {
        trouble::tell(tx, job, disabled, error, correlation).await?;
    }
    if !write(tx, job, attempt, outcome).await? {
        return Ok(Settled::TooLate);
    }
    Ok(disabled.map_or(Settled::Done, |disabled| Settled::Disabled(disabled.reason)))
}

async fn write(
    tx: &mut SystemTx,
    job: &Deliver,
    attempt: Attempt,
    outcome: Outcome,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let (state, next) = match outcome {
        Outcome::Delivered => (DeliveryState::Delivered, None),
        Outcome::Again(at) => (DeliveryState::Pending, Some(at)),
        Outcome::Failed | Outcome::Gone => (DeliveryState::Failed, None),
    };
    let finished_at = (state != DeliveryState::Pending).then_some(now);
    let written = Settle::prepared()
        .bind::<BigInt, _>(job.organization)
        .bind::<BigInt, _>(job.delivery)
        .bind::<Timestamptz, _>(job.day)
        .bind::<Integer, _>(attempt.number)
        .bind::<Text, _>(state)
        .bind::<Nullable<Timestamptz>, _>(next)
        .bind::<Nullable<Timestamptz>, _>(finished_at)
        .bind::<Nullable<Integer>, _>(attempt.status)
        .bind::<Nullable<Text>, _>(attempt.error.clone())
        .bind::<Timestamptz, _>(attempt.started_at)
        .bind::<BigInt, _>(attempt.duration_us)
        .bind::<Text, _>(attempt.url)
        .bind::<Jsonb, _>(attempt.request_headers)
        .bind::<Nullable<Jsonb>, _>(attempt.answer_headers)
        .bind::<Nullable<Text>, _>(attempt.answer_body)
        .bind::<Nullable<Text>, _>(attempt.error)
        .execute(tx.conn())
        .await?;
    Ok(written == 1)
}
