use super::{act, read_at, until, views::EventRow};
use crate::{
    extract::{FormBody, Tenant},
    listing::{self, Pager},
    page::{Flash, Page, Shell},
    problem::Problem,
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use batchtrack_core::{
    kernel::{Kind, ids::EventId},
    operators::{self, Replayed},
};
use serde::Deserialize;

const PER_PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EventsQuery {
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "operator/events.html")]
struct EventsPage {
    shell: Shell,
    /// Whether there is an address to send to.
    has_hook: bool,
    rows: Vec<EventRow>,
    pager: Pager,
    /// When this was read.
    until: String,
}

pub(super) async fn show(
    tenant: Tenant,
    query: Query<EventsQuery>,
) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let after = listing::cursor(&query.cursor)?;
    let mut tx = tenant.app().system.begin().await?;
    let found = operators::given_up(&mut tx, after.as_ref(), PER_PAGE).await?;
    let pager = Pager::of("/operator/events", &[], &query.cursor, found.next.as_ref());
    let times = unit.times();
    Page(EventsPage {
        shell: tenant.shell(&unit),
        has_hook: has_hook(&tenant),
        rows: found
            .rows
            .into_iter()
            .map(|event| EventRow::of(event, &times))
            .collect(),
        pager,
        until: read_at(tx.now()),
    })
    .into_response()
}

fn has_hook(tenant: &Tenant) -> bool {
    tenant.app().settings.webhooks.operator_url.is_some()
}

fn hook_only(tenant: &Tenant) -> Result<(), Problem> {
    if has_hook(tenant) {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Conflict,
        "operators.no_hook",
        "DOMAIN_EVENT_WEBHOOK_URL is not set, so there is nowhere to send events to.",
    ))
}

/// One event, to the hook alone: its organisation's endpoints have a log of their own.
pub(super) async fn replay(
    tenant: Tenant,
    id: Path<EventId>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    act(&tenant, form.once, "/operator/events", async |by| {
        hook_only(&tenant)?;
        let told = operators::replay_one_to_hook(&tenant.app().system, by, *id).await?;
        Ok(words(told))
    })
    .await
}

/// All that had been given up when the page was read.
pub(super) async fn replay_all(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    act(&tenant, once, "/operator/events", async |by| {
        hook_only(&tenant)?;
        let until = until(&fields)?;
        let told = operators::replay_given_up(&tenant.app().system, by, until).await?;
        Ok(words(told))
    })
    .await
}

fn words(told: Replayed) -> Flash {
    match told {
        Replayed { to_hook: 0, .. } => {
            Flash::warning("Nothing to send: what is kept is on its way already.")
        }
        Replayed { to_hook: 1, .. } => Flash::success("It is on its way again."),
        Replayed { to_hook, .. } => Flash::success(format!("{to_hook} are on their way again.")),
    }
}
