use super::super::{
    forms,
    views::{self, DeliveryRow, ReplayView, STATES},
    wire::{event_name, word},
};
use crate::{
    extract::{Answer, Fields, FormBody, Tenant, Unit},
    listing::{self, Pager},
    page::{Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use batchtrack_core::{
    kernel::ids::{WebhookEndpointId, WebhookReplayId},
    webhooks::{self, Wanted, WebhookError},
};
use serde::Deserialize;

const PER_PAGE: u16 = 50;
const FIELDS: [&str; 4] = ["endpoint_id", "event_type", "from", "to"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LogQuery {
    endpoint: String,
    state: String,
    event: String,
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "webhooks/log.html")]
struct LogPage {
    shell: Shell,
    query: LogQuery,
    rows: Vec<DeliveryRow>,
    pager: Pager,
    endpoints: Vec<(i64, String)>,
    events: Vec<(&'static str, &'static str)>,
    states: &'static [(&'static str, &'static str)],
    sheet: Sheet,
}

impl LogPage {
    fn is_narrowed(&self) -> bool {
        let query = &self.query;
        [&query.endpoint, &query.state, &query.event]
            .iter()
            .any(|text| !text.is_empty())
    }

    fn which(&self) -> &str {
        crate::parts::or(self.sheet.text("which"), "unmet")
    }
}

pub(super) async fn show(tenant: Tenant, query: Query<LogQuery>) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let sheet = Sheet::of(&FIELDS, Fields::default());
    page(&tenant, unit, query.into_inner(), sheet).await
}

async fn page(
    tenant: &Tenant,
    mut unit: Unit,
    query: LogQuery,
    sheet: Sheet,
) -> Result<HttpResponse, Problem> {
    let before = listing::cursor(&query.cursor)?;
    let wanted = Wanted {
        endpoint: word::<WebhookEndpointId>("endpoint", Some(&query.endpoint))?,
        state: word("state", Some(&query.state))?,
        event_name: event_name(Some(&query.event))?,
        ..Wanted::default()
    };
    let found = webhooks::deliveries(&mut unit.tx, &wanted, before.as_ref(), PER_PAGE).await?;
    let endpoints = webhooks::endpoints(&mut unit.tx).await?;
    let filters = [
        ("endpoint", query.endpoint.as_str()),
        ("state", query.state.as_str()),
        ("event", query.event.as_str()),
    ];
    let pager = Pager::of(
        "/webhooks/log",
        &filters,
        &query.cursor,
        found.next.as_ref(),
    );
    let (times, refused) = (unit.times(), sheet.is_refused());
    Page(LogPage {
        shell: tenant.shell(&unit).under("/webhooks/"),
        rows: found
            .rows
            .iter()
            .map(|delivery| DeliveryRow::of(delivery, &times))
            .collect(),
        endpoints: endpoints
            .into_iter()
            .map(|endpoint| (endpoint.id.get(), name(&endpoint)))
            .collect(),
        events: views::event_choices(),
        states: STATES,
        query,
        pager,
        sheet,
    })
    .with_forms(refused)
}

/// As it was described, or else its host.
fn name(endpoint: &webhooks::Endpoint) -> String {
    if endpoint.description.is_empty() {
        views::site(&endpoint.url)
    } else {
        endpoint.description.clone()
    }
}

/// Sends a stretch of time again.
pub(super) async fn replay(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    let done = match forms::replay(&fields) {
        Ok(new) => {
            tenant
                .write(once, async |unit| {
                    let id = webhooks::start_replay(&mut unit.tx, new).await?;
                    Ok(Answer::redirect(format!("/webhooks/replays/{id}")))
                })
                .await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Err(problem) if tenant.shows_again(&problem) => {
            let unit = tenant.begin().await?;
            let sheet = Sheet::refused(&FIELDS, fields, problem);
            page(&tenant, unit, LogQuery::default(), sheet).await
        }
        other => other,
    }
}

#[derive(askama::Template)]
#[template(path = "webhooks/replay.html")]
struct ReplayPage {
    shell: Shell,
    id: WebhookReplayId,
    replay: ReplayView,
}

pub(super) async fn show_replay(
    tenant: Tenant,
    id: Path<WebhookReplayId>,
) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let replay = webhooks::replay(&mut unit.tx, *id)
        .await?
        .ok_or(WebhookError::NoReplay)?;
    Page(ReplayPage {
        shell: tenant.shell(&unit),
        id: *id,
        replay: ReplayView::of(replay, &unit.times()),
    })
    .into_response()
}
