//! A replay plans its deliveries some at a time, each part in one transaction with how far it has
//! come; so a worker that dies in between plans nothing twice.
use super::{
    super::{
        jobs::SendAgain,
        model::{Cause, Interest, NewDelivery},
    },
    relay::{interests, plan_because},
};
use crate::{
    kernel::{
        StoreError,
        ids::{EventId, WebhookEndpointId},
    },
    platform::{SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _, Queryable,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

#[derive(Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct UnderWay {
    endpoint: Option<WebhookEndpointId>,
    event_name: Option<String>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    only_unmet: bool,
    after: i64,
}

/// Something to be sent again; `place` is where the next part starts.
#[derive(Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Candidate {
    place: i64,
    endpoint: Option<WebhookEndpointId>,
    event: EventId,
    recorded_at: DateTime<Utc>,
    event_name: String,
    correlation: Option<String>,
    traceparent: Option<String>,
}

type CandidateRow = (
    BigInt,
    Nullable<BigInt>,
    BigInt,
    Timestamptz,
    Text,
    Nullable<Text>,
    Nullable<Text>,
);

statements! {
    Lock -> (Nullable<BigInt>, Nullable<Text>, Timestamptz, Timestamptz, Bool, BigInt):
        "SELECT endpoint_id, event_name, from_at, to_at, only_unmet, after_id FROM webhook_replays \
          WHERE organization_id = $1 AND id = $2 AND finished_at IS NULL FOR NO KEY UPDATE";
    Facts -> CandidateRow:
        "SELECT id, NULL::bigint, id, recorded_at, event_name, correlation_id, traceparent FROM domain_events \
          WHERE organization_id = $1 AND id > $2 AND recorded_at >= $3 AND recorded_at < $4 \
            AND ($5 IS NULL OR event_name = $5) \
          ORDER BY id LIMIT $6";
    // Of an event that has been sent to an endpoint more than once in vain, the latest counts.
    Unmet -> CandidateRow:
        "SELECT d.id, d.endpoint_id, d.event_id, d.event_recorded_at, d.event_name, f.correlation_id, f.traceparent \
           FROM webhook_deliveries d \
           JOIN domain_events f ON f.organization_id = d.organization_id AND f.id = d.event_id \
                               AND f.recorded_at = d.event_recorded_at \
          WHERE d.organization_id = $1 AND d.id > $2 AND d.created_at >= $3 AND d.created_at < $4 \
            AND d.state IN ('failed', 'cancelled') AND d.state <> 'delivered' AND d.event_id IS NOT NULL \
            AND ($5 IS NULL OR d.event_name = $5) AND ($7 IS NULL OR d.endpoint_id = $7) \
            AND NOT EXISTS (SELECT FROM webhook_deliveries l \
                 WHERE l.organization_id = d.organization_id AND l.event_id = d.event_id \
                   AND l.endpoint_id = d.endpoint_id AND (l.id > d.id OR l.state = 'delivered')) \
          ORDER BY d.id LIMIT $6";
    Move:
        "UPDATE webhook_replays SET after_id = $3, planned = planned + $4, \
                finished_at = CASE WHEN $5 THEN $6::timestamptz END \
          WHERE organization_id = $1 AND id = $2";
}

/// Plans the next `limit` of a replay; whether there is more to come.
pub async fn send_again(
    tx: &mut SystemTx,
    job: &SendAgain,
    correlation: &str,
    limit: u16,
) -> Result<bool, StoreError> {
    let under_way: Option<UnderWay> = Lock::prepared()
        .bind::<BigInt, _>(job.organization)
        .bind::<BigInt, _>(job.replay)
        .get_result(tx.conn())
        .await
        .optional()?;
    let Some(under_way) = under_way else {
        return Ok(false);
    };
    let candidates = candidates(tx, job, &under_way, limit).await?;
    let listening: Vec<_> = interests(tx, &[job.organization])
        .await?
        .into_iter()
        .filter(|interest| under_way.endpoint.is_none_or(|id| id == interest.endpoint))
        .collect();
    let after = candidates.last().map_or(under_way.after, |last| last.place);
    let is_last = candidates.len() < usize::from(limit);
    let deliveries: Vec<_> = candidates
        .iter()
        .flat_map(|candidate| due(candidate, &listening, job, correlation))
        .collect();
    let planned = i64::try_from(deliveries.len()).unwrap_or(i64::MAX);
    plan_because(tx, Cause::Replay, deliveries).await?;
    let now = tx.now();
    Move::prepared()
        .bind::<BigInt, _>(job.organization)
        .bind::<BigInt, _>(job.replay)
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(planned)
        .bind::<Bool, _>(is_last)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(!is_last)
}

async fn candidates(
    tx: &mut SystemTx,
    job: &SendAgain,
    under_way: &UnderWay,
    limit: u16,
) -> Result<Vec<Candidate>, StoreError> {
    macro_rules! ask {
        ($statement:ident) => {
            $statement::prepared()
                .bind::<BigInt, _>(job.organization)
                .bind::<BigInt, _>(under_way.after)
                .bind::<Timestamptz, _>(under_way.from)
                .bind::<Timestamptz, _>(under_way.to)
                .bind::<Nullable<Text>, _>(under_way.event_name.clone())
                .bind::<BigInt, _>(i64::from(limit))
        };
    }
    Ok(if under_way.only_unmet {
        ask!(Unmet)
            .bind::<Nullable<BigInt>, _>(under_way.endpoint)
            .load(tx.conn())
            .await?
    } else {
        ask!(Facts).load(tx.conn()).await?
    })
}

/// The deliveries that one candidate comes to: to its endpoint, or to all that listen.
fn due(
    candidate: &Candidate,
    listening: &[Interest],
    job: &SendAgain,
    correlation: &str,
) -> Vec<NewDelivery> {
    listening
        .iter()
        .filter(|interest| match candidate.endpoint {
            Some(endpoint) => interest.endpoint == endpoint,
            None => interest.wants(&candidate.event_name),
        })
        .map(|interest| NewDelivery {
            organization: job.organization,
            endpoint: interest.endpoint,
            event: candidate.event,
            recorded_at: candidate.recorded_at,
            event_name: candidate.event_name.clone(),
            correlation: candidate
                .correlation
                .clone()
                .unwrap_or_else(|| correlation.to_owned()),
            traceparent: candidate.traceparent.clone(),
        })
        .collect()
}
