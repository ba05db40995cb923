use super::super::{
    forms,
    views::{self, Group},
};
use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    kernel::ids::WebhookEndpointId,
    webhooks::{self, WebhookError},
};
use secrecy::{ExposeSecret as _, SecretString};

const FIELDS: [&str; 3] = ["url", "description", "events"];

#[derive(askama::Template)]
#[template(path = "webhooks/edit.html")]
struct EditPage {
    shell: Shell,
    /// Of an endpoint that is there already.
    id: Option<WebhookEndpointId>,
    sheet: Sheet,
    hears: String,
    groups: Vec<Group>,
}

#[derive(askama::Template)]
#[template(path = "webhooks/secret.html")]
struct SecretPage {
    shell: Shell,
    id: WebhookEndpointId,
    is_new: bool,
    secret: String,
}

pub(super) async fn blank(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let sheet = Sheet::of(&FIELDS, Fields::default());
    page(&tenant, &unit, None, sheet)
}

pub(super) async fn create(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let mut told = None;
    let done = match forms::endpoint(&fields) {
        Ok(new) => {
            tenant
                .write(once, async |unit| {
                    unit.may_know_secrets()?;
                    let (id, secret) =
                        webhooks::create(&mut unit.tx, &tenant.app().webhooks, new).await?;
                    told = Some((id, secret.to_text()));
                    Ok(Answer::redirect(format!("/webhooks/{id}")))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Ok(answer) => once_told(&tenant, answer, told, true).await,
        Err(problem) => again(&tenant, None, fields, problem).await,
    }
}

pub(super) async fn show(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let endpoint = webhooks::endpoint(&mut unit.tx, *id)
        .await?
        .ok_or(WebhookError::NoEndpoint)?;
    let hears = if endpoint.events.is_empty() {
        "all"
    } else {
        "some"
    };
    let typed = [
        ("url", endpoint.url),
        ("description", endpoint.description),
        ("hears", hears.to_owned()),
    ];
    let ticked = endpoint.events.into_iter().map(|name| ("events", name));
    let typed = Fields::of(typed.into_iter().chain(ticked));
    page(&tenant, &unit, Some(*id), Sheet::of(&FIELDS, typed))
}

pub(super) async fn save(
    tenant: Tenant,
    id: Path<WebhookEndpointId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::change(&fields) {
        Ok(change) => {
            tenant
                .write(once, async |unit| {
                    webhooks::update(&mut unit.tx, &tenant.app().webhooks, *id, change).await?;
                    let flash = Flash::success("Saved. It counts for events from now on.");
                    Ok(Answer::redirect(format!("/webhooks/{id}")).flash(flash))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Err(problem) => again(&tenant, Some(*id), fields, problem).await,
        done => done,
    }
}

/// The page with a secret that was made just now; whoever sends the form again is sent on without.
pub(super) async fn once_told(
    tenant: &Tenant,
    answer: HttpResponse,
    told: Option<(WebhookEndpointId, SecretString)>,
    is_new: bool,
) -> Result<HttpResponse, Problem> {
    let Some((id, secret)) = told else {
        return Ok(answer);
    };
    let unit = tenant.begin().await?;
    Page(SecretPage {
        shell: tenant.shell(&unit).under("/webhooks/"),
        id,
        is_new,
        secret: secret.expose_secret().to_owned(),
    })
    .into_response()
}

/// The form again, with what was typed and what is wrong with it.
async fn again(
    tenant: &Tenant,
    id: Option<WebhookEndpointId>,
    typed: Fields,
    problem: Problem,
) -> Result<HttpResponse, Problem> {
    if !tenant.shows_again(&problem) {
        return Err(problem);
    }
    let unit = tenant.begin().await?;
    page(tenant, &unit, id, Sheet::refused(&FIELDS, typed, problem))
}

fn page(
    tenant: &Tenant,
    unit: &Unit,
    id: Option<WebhookEndpointId>,
    sheet: Sheet,
) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    let hears = match sheet.text("hears") {
        "some" => "some",
        _ => "all",
    };
    let ticked: Vec<_> = sheet.typed().all("events").collect();
    Page(EditPage {
        shell: tenant.shell(unit),
        id,
        hears: hears.to_owned(),
        groups: views::groups(&ticked),
        sheet,
    })
    .with_forms(refused)
}
