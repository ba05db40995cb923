//! Deliveries that somebody asks for.
use super::super::{
    error::WebhookError,
    jobs::{Deliver, SendAgain},
    model::{Cause, Delivery, EndpointState, NewReplay},
    payload,
    queries::{self, Asked},
};
use crate::{
    jobs::{self, NewJob},
    kernel::{
        StoreError,
        ids::{WebhookDeliveryId, WebhookEndpointId, WebhookReplayId},
    },
    outbox::Event,
    platform::OrgTx,
};
use chrono::{DateTime, SubsecRound as _};

/// Sends a test: one attempt, which tells of nothing.
pub async fn test(
    tx: &mut OrgTx,
    endpoint: WebhookEndpointId,
) -> Result<WebhookDeliveryId, WebhookError> {
    let number = getrandom::u64().unwrap_or_default();
    let asked = Asked {
        endpoint,
        event: None,
        event_name: payload::TEST.to_owned(),
        message_id: format!("test_{number:016x}"),
        cause: Cause::Test,
    };
    deliver(tx, asked).await
}

/// Sends what one delivery tells of once more, under the same message id.
pub async fn replay_delivery(
    tx: &mut OrgTx,
    id: WebhookDeliveryId,
) -> Result<WebhookDeliveryId, WebhookError> {
    let delivery = queries::delivery(tx, id)
        .await?
        .ok_or(WebhookError::NoDelivery)?;
    if delivery.cause == Cause::Test {
        return Err(WebhookError::WasATest);
    }
    let fact = queries::fact_of(tx, &delivery)
        .await?
        .ok_or(WebhookError::EventGone)?;
    let asked = Asked {
        endpoint: delivery.endpoint,
        event: Some((fact.event, fact.recorded_at)),
        event_name: delivery.event_name,
        message_id: delivery.message_id,
        cause: Cause::Replay,
    };
    deliver(tx, asked).await
}

async fn deliver(tx: &mut OrgTx, asked: Asked) -> Result<WebhookDeliveryId, WebhookError> {
    let endpoint = queries::endpoint(tx, asked.endpoint)
        .await?
        .ok_or(WebhookError::NoEndpoint)?;
    if endpoint.state == EndpointState::Disabled {
        return Err(WebhookError::Disabled);
    }
    // As exact as the database keeps it, so that the job finds its row again.
    let day = tx.now().trunc_subsecs(6);
    let delivery = queries::plan_one(tx, asked, day).await?;
    let job = Deliver {
        organization: tx.organization(),
        endpoint: endpoint.id,
        delivery,
        day,
    };
    jobs::enqueue(tx, vec![NewJob::of(&job)]).await?;
    Ok(delivery)
}

/// What a delivery carries, byte for byte; `None` when its event is no longer kept.
pub async fn body_of(tx: &mut OrgTx, delivery: &Delivery) -> Result<Option<Vec<u8>>, StoreError> {
    if delivery.cause == Cause::Test {
        let (organization, at) = (tx.organization(), delivery.created_at);
        let body = payload::test_body(organization, delivery.endpoint, &delivery.message_id, at);
        return Ok(Some(body));
    }
    let fact = queries::fact_of(tx, delivery).await?;
    Ok(fact.map(|fact| payload::body(&fact)))
}

/// Begins to send again what was recorded in a stretch of time, some events at a time.
pub async fn start_replay(tx: &mut OrgTx, new: NewReplay) -> Result<WebhookReplayId, WebhookError> {
    if let Some(id) = new.endpoint {
        let endpoint = queries::endpoint(tx, id)
            .await?
            .ok_or(WebhookError::NoEndpoint)?;
        if endpoint.state == EndpointState::Disabled {
            return Err(WebhookError::Disabled);
        }
    }
    if let Some(name) = &new.event_name {
        name.parse::<Event>()
            .map_err(|_unknown| WebhookError::UnknownEvent(name.chars().take(128).collect()))?;
    }
    // What happens from now on goes out by itself.
    let to = new.to.map_or(tx.now(), |to| to.min(tx.now()));
    let start = DateTime::UNIX_EPOCH;
    let from = new.from.map_or(start, |from| from.max(start));
    if from >= to {
        return Err(WebhookError::EmptyStretch);
    }
    let replay = queries::insert_replay(tx, new, (from, to)).await?;
    let job = SendAgain {
        organization: tx.organization(),
        replay,
    };
    jobs::enqueue(tx, vec![NewJob::of(&job)]).await?;
    Ok(replay)
}
