use super::{
    super::views::{DeliveryRow, EndpointRow},
    edit::once_told,
};
use crate::{
    extract::{Answer, FormBody, Tenant},
    inventory::pages::or_back,
    page::{Flash, Page, Shell},
    problem::Problem,
    times::Moment,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    kernel::ids::WebhookEndpointId,
    webhooks::{self, Change, EndpointState, Wanted, WebhookError},
};

const LATEST: u16 = 10;

#[derive(askama::Template)]
#[template(path = "webhooks/view.html")]
struct EndpointPage {
    shell: Shell,
    endpoint: EndpointRow,
    latest: Vec<DeliveryRow>,
    former_until: Option<Moment>,
}

pub(super) async fn show(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let endpoint = webhooks::endpoint(&mut unit.tx, *id)
        .await?
        .ok_or(WebhookError::NoEndpoint)?;
    let recent = webhooks::recent(&mut unit.tx, &[*id]).await?;
    let recent = recent.first().map(|(_, recent)| *recent);
    let wanted = Wanted {
        endpoint: Some(*id),
        ..Wanted::default()
    };
    let latest = webhooks::deliveries(&mut unit.tx, &wanted, None, LATEST).await?;
    let former = webhooks::former_secret_until(&mut unit.tx, *id).await?;
    let times = unit.times();
    Page(EndpointPage {
        shell: tenant.shell(&unit),
        endpoint: EndpointRow::of(endpoint, recent.unwrap_or_default(), &times),
        latest: latest
            .rows
            .iter()
            .map(|delivery| DeliveryRow::of(delivery, &times))
            .collect(),
        former_until: former.map(|at| times.moment(at)),
    })
    .into_response()
}

/// Sends a test, and shows what becomes of it.
pub(super) async fn test(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let done = tenant
        .write(form.once, async |unit| {
            let delivery = webhooks::test(&mut unit.tx, *id).await?;
            Ok(Answer::redirect(format!("/webhooks/deliveries/{delivery}"))
                .flash(Flash::success("The test is on its way.")))
        })
        .await;
    or_back(&tenant, done, &format!("/webhooks/{id}"))
}

pub(super) async fn rotate(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let mut told = None;
    let answer = tenant
        .write(form.once, async |unit| {
            unit.may_know_secrets()?;
            let secret = webhooks::rotate_secret(&mut unit.tx, &tenant.app().webhooks, *id).await?;
            told = Some((*id, secret.to_text()));
            Ok(Answer::redirect(format!("/webhooks/{id}")))
        })
        .await?;
    once_told(&tenant, answer, told, false).await
}

pub(super) async fn enable(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let words = "It is sent events again. What it missed can be sent from the log.";
    turn(&tenant, *id, form, EndpointState::Enabled, words).await
}

pub(super) async fn disable(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let words = "Nothing is sent there until you enable it again.";
    turn(&tenant, *id, form, EndpointState::Disabled, words).await
}

async fn turn(
    tenant: &Tenant,
    id: WebhookEndpointId,
    form: FormBody,
    state: EndpointState,
    words: &'static str,
) -> Result<HttpResponse, Problem> {
    let change = Change {
        state: Some(state),
        ..Change::default()
    };
    tenant
        .write(form.once, async |unit| {
            webhooks::update(&mut unit.tx, &tenant.app().webhooks, id, change).await?;
            Ok(Answer::redirect(format!("/webhooks/{id}")).flash(Flash::success(words)))
        })
        .await
}

pub(super) async fn delete(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(form.once, async |unit| {
            webhooks::delete(&mut unit.tx, *id).await?;
            let words = "Deleted. Nothing is sent there any more; the log still tells of it.";
            Ok(Answer::redirect("/webhooks/").flash(Flash::success(words)))
        })
        .await
}
