use super::super::wire::{
    DeliveryOut, EndpointChangeIn, EndpointCreatedOut, EndpointOut, EventTypeOut, NewEndpointIn,
    SecretOut,
};
use crate::{
    extract::{Answer, Idempotency, JsonBody, Tenant, Unit},
    problem::Problem,
    wire::Listed,
};
use actix_web::{
    HttpResponse,
    web::{Json, Path},
};
use batchtrack_core::{
    kernel::ids::WebhookEndpointId,
    outbox::Event,
    webhooks::{self, OVERLAP, WebhookError},
};
use std::collections::BTreeMap;

/// Events that endpoints may listen to, by category.
#[utoipa::path(get, path = "/api/v1/webhook-events", tag = "webhooks",
    responses((status = 200, body = Listed<EventTypeOut>)))]
pub(crate) async fn events(tenant: Tenant) -> Result<Json<Listed<EventTypeOut>>, Problem> {
    drop(tenant.begin().await?);
    let events = Event::ALL.iter().copied().map(EventTypeOut::of).collect();
    Ok(Json(Listed::whole(events)))
}

/// Endpoints of the organisation, the oldest first.
#[utoipa::path(get, path = "/api/v1/webhook-endpoints", tag = "webhooks",
    responses((status = 200, body = Listed<EndpointOut>)))]
pub(crate) async fn list(tenant: Tenant) -> Result<Json<Listed<EndpointOut>>, Problem> {
    let mut unit = tenant.begin().await?;
    let endpoints = webhooks::endpoints(&mut unit.tx).await?;
    let ids: Vec<_> = endpoints.iter().map(|endpoint| endpoint.id).collect();
    let recent = webhooks::recent(&mut unit.tx, &ids).await?;
    let recent: BTreeMap<_, _> = recent.into_iter().collect();
    let out = endpoints
        .into_iter()
        .map(|endpoint| {
            let recent = recent.get(&endpoint.id).copied().unwrap_or_default();
            EndpointOut::of(endpoint, recent)
        })
        .collect();
    Ok(Json(Listed::whole(out)))
}

/// Have events sent to an address. The answer holds the secret, this once.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints", tag = "webhooks", request_body = NewEndpointIn,
    responses((status = 201, body = EndpointCreatedOut)))]
pub(crate) async fn create(
    tenant: Tenant,
    body: JsonBody<NewEndpointIn>,
) -> Result<HttpResponse, Problem> {
    let new = body.value.into_domain();
    tenant
        .write(body.once, async |unit| {
            unit.may_know_secrets()?;
            let (id, secret) = webhooks::create(&mut unit.tx, &tenant.app().webhooks, new).await?;
            let out = EndpointCreatedOut {
                endpoint: found(unit, id).await?,
                secret: None,
            };
            Ok(
                Answer::created(format!("/api/v1/webhook-endpoints/{id}"), out)
                    .once("secret", secret.to_text()),
            )
        })
        .await
}

/// One endpoint, and how its latest deliveries went.
#[utoipa::path(get, path = "/api/v1/webhook-endpoints/{id}", tag = "webhooks", params(("id" = i64, Path)),
    responses((status = 200, body = EndpointOut)))]
pub(crate) async fn show(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
) -> Result<Json<EndpointOut>, Problem> {
    let mut unit = tenant.begin().await?;
    Ok(Json(found(&mut unit, *id).await?))
}

/// Change an endpoint, disable it or enable it again.
#[utoipa::path(patch, path = "/api/v1/webhook-endpoints/{id}", tag = "webhooks", params(("id" = i64, Path)),
    request_body = EndpointChangeIn, responses((status = 200, body = EndpointOut)))]
pub(crate) async fn change(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
    body: JsonBody<EndpointChangeIn>,
) -> Result<HttpResponse, Problem> {
    let change = body.value.into_domain()?;
    tenant
        .write(body.once, async |unit| {
            webhooks::update(&mut unit.tx, &tenant.app().webhooks, *id, change).await?;
            Ok(Answer::ok(found(unit, *id).await?))
        })
        .await
}

/// Delete an endpoint: nothing is sent there any more. The answer is what it was.
#[utoipa::path(delete, path = "/api/v1/webhook-endpoints/{id}", tag = "webhooks", params(("id" = i64, Path)),
    responses((status = 200, body = EndpointOut)))]
pub(crate) async fn delete(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            let out = found(unit, *id).await?;
            webhooks::delete(&mut unit.tx, *id).await?;
            Ok(Answer::ok(out))
        })
        .await
}

/// Give an endpoint another secret, told this once. The former one signs for a day more.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/rotate-secret", tag = "webhooks",
    params(("id" = i64, Path)), responses((status = 200, body = SecretOut)))]
pub(crate) async fn rotate_secret(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            unit.may_know_secrets()?;
            let secret = webhooks::rotate_secret(&mut unit.tx, &tenant.app().webhooks, *id).await?;
            let out = SecretOut {
                endpoint_id: id.get(),
                secret: None,
                former_expires_at: unit.tx.now() + OVERLAP,
            };
            Ok(Answer::ok(out).once("secret", secret.to_text()))
        })
        .await
}

/// Send a test: one attempt that tells of nothing. The delivery says what came of it.
#[utoipa::path(post, path = "/api/v1/webhook-endpoints/{id}/test", tag = "webhooks",
    params(("id" = i64, Path)), responses((status = 201, body = DeliveryOut)))]
pub(crate) async fn test(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            let delivery = webhooks::test(&mut unit.tx, *id).await?;
            super::log::planned(unit, delivery).await
        })
        .await
}

async fn found(unit: &mut Unit, id: WebhookEndpointId) -> Result<EndpointOut, Problem> {
    let endpoint = webhooks::endpoint(&mut unit.tx, id)
        .await?
        .ok_or(WebhookError::NoEndpoint)?;
    let recent = webhooks::recent(&mut unit.tx, &[id]).await?;
    let recent = recent.first().map(|(_, recent)| *recent);
    Ok(EndpointOut::of(endpoint, recent.unwrap_or_default()))
}
