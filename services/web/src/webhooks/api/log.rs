use super::super::wire::{
    AttemptOut, DeliveriesQuery, DeliveryDetailOut, DeliveryOut, ReplayIn, ReplayOut,
};
use crate::{
    extract::{Answer, Idempotency, JsonBody, Tenant, Unit},
    problem::Problem,
    wire::{self, Listed},
};
use actix_web::{
    HttpResponse,
    web::{Json, Path, Query},
};
use batchtrack_core::{
    kernel::ids::{WebhookDeliveryId, WebhookReplayId},
    webhooks::{self, WebhookError},
};

/// Deliveries, the newest first.
#[utoipa::path(get, path = "/api/v1/webhook-deliveries", tag = "webhooks", params(DeliveriesQuery),
    operation_id = "list_deliveries", responses((status = 200, body = Listed<DeliveryOut>)))]
pub(crate) async fn list(
    tenant: Tenant,
    query: Query<DeliveriesQuery>,
) -> Result<Json<Listed<DeliveryOut>>, Problem> {
    let wanted = query.wanted()?;
    let (limit, before) = (
        wire::limit(query.limit)?,
        wire::cursor(query.cursor.as_deref())?,
    );
    let mut unit = tenant.begin().await?;
    let page = webhooks::deliveries(&mut unit.tx, &wanted, before.as_ref(), limit).await?;
    Ok(Json(Listed::page(page, |delivery| {
        DeliveryOut::of(&delivery)
    })))
}

/// One delivery: what is sent, and every attempt with its answer and timing.
#[utoipa::path(get, path = "/api/v1/webhook-deliveries/{id}", tag = "webhooks", params(("id" = i64, Path)),
    operation_id = "show_delivery", responses((status = 200, body = DeliveryDetailOut)))]
pub(crate) async fn show(
    tenant: Tenant,
    id: Path<WebhookDeliveryId>,
) -> Result<Json<DeliveryDetailOut>, Problem> {
    let mut unit = tenant.begin().await?;
    let delivery = webhooks::delivery(&mut unit.tx, *id)
        .await?
        .ok_or(WebhookError::NoDelivery)?;
    let attempts = webhooks::attempts(&mut unit.tx, &delivery).await?;
    let body = webhooks::body_of(&mut unit.tx, &delivery).await?;
    Ok(Json(DeliveryDetailOut {
        delivery: DeliveryOut::of(&delivery),
        body: body.map(|body| String::from_utf8_lossy(&body).into_owned()),
        tries: attempts.into_iter().map(AttemptOut::of).collect(),
    }))
}

/// Send what one delivery tells of once more, under the same message id.
#[utoipa::path(post, path = "/api/v1/webhook-deliveries/{id}/replay", tag = "webhooks",
    params(("id" = i64, Path)), responses((status = 201, body = DeliveryOut)))]
pub(crate) async fn replay_delivery(
    tenant: Tenant,
    id: Path<WebhookDeliveryId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            let delivery = webhooks::replay_delivery(&mut unit.tx, *id).await?;
            planned(unit, delivery).await
        })
        .await
}

/// Send again what was recorded in a stretch of time. It is planned in the background.
#[utoipa::path(post, path = "/api/v1/webhook-replays", tag = "webhooks", request_body = ReplayIn,
    responses((status = 201, body = ReplayOut)))]
pub(crate) async fn start_replay(
    tenant: Tenant,
    body: JsonBody<ReplayIn>,
) -> Result<HttpResponse, Problem> {
    let new = body.value.into_domain();
    tenant
        .write(body.once, async |unit| {
            let id = webhooks::start_replay(&mut unit.tx, new).await?;
            let out = found(unit, id).await?;
            Ok(Answer::created(
                format!("/api/v1/webhook-replays/{id}"),
                out,
            ))
        })
        .await
}

/// How far a replay has come.
#[utoipa::path(get, path = "/api/v1/webhook-replays/{id}", tag = "webhooks", params(("id" = i64, Path)),
    responses((status = 200, body = ReplayOut)))]
pub(crate) async fn show_replay(
    tenant: Tenant,
    id: Path<WebhookReplayId>,
) -> Result<Json<ReplayOut>, Problem> {
    let mut unit = tenant.begin().await?;
    Ok(Json(found(&mut unit, *id).await?))
}

async fn found(unit: &mut Unit, id: WebhookReplayId) -> Result<ReplayOut, Problem> {
    let replay = webhooks::replay(&mut unit.tx, id)
        .await?
        .ok_or(WebhookError::NoReplay)?;
    Ok(ReplayOut::of(replay))
}

/// A delivery that was just asked for.
pub(super) async fn planned(unit: &mut Unit, id: WebhookDeliveryId) -> Result<Answer, Problem> {
    let delivery = webhooks::delivery(&mut unit.tx, id)
        .await?
        .ok_or(WebhookError::NoDelivery)?;
    Ok(Answer::created(
        format!("/api/v1/webhook-deliveries/{id}"),
        DeliveryOut::of(&delivery),
    ))
}
