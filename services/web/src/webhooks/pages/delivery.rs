use super::super::views::{self, AttemptCard, DeliveryRow};
use crate::{
    extract::{Answer, FormBody, Tenant},
    inventory::pages::or_back,
    page::{Flash, Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    kernel::ids::WebhookDeliveryId,
    webhooks::{self, WebhookError},
};

#[derive(askama::Template)]
#[template(path = "webhooks/delivery.html")]
struct DeliveryPage {
    shell: Shell,
    delivery: DeliveryRow,
    /// Empty when the event is no longer kept.
    body: String,
    attempts: Vec<AttemptCard>,
}

pub(super) async fn show(
    tenant: Tenant,
    id: Path<WebhookDeliveryId>,
) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let delivery = webhooks::delivery(&mut unit.tx, *id)
        .await?
        .ok_or(WebhookError::NoDelivery)?;
    let attempts = webhooks::attempts(&mut unit.tx, &delivery).await?;
    let body = webhooks::body_of(&mut unit.tx, &delivery).await?;
    let times = unit.times();
    Page(DeliveryPage {
        shell: tenant.shell(&unit),
        delivery: DeliveryRow::of(&delivery, &times),
        body: body.map(|body| views::pretty(&body)).unwrap_or_default(),
        attempts: attempts
            .into_iter()
            .rev()
            .map(|attempt| AttemptCard::of(attempt, &times))
            .collect(),
    })
    .into_response()
}

pub(super) async fn replay(
    tenant: Tenant,
    id: Path<WebhookDeliveryId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let done = tenant
        .write(form.once, async |unit| {
            let again = webhooks::replay_delivery(&mut unit.tx, *id).await?;
            Ok(Answer::redirect(format!("/webhooks/deliveries/{again}"))
                .flash(Flash::success("It is on its way again.")))
        })
        .await;
    or_back(&tenant, done, &format!("/webhooks/deliveries/{id}"))
}
