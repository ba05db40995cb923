use super::{
    act, read_at, until,
    views::{JobRow, KindRow},
};
use crate::{
    extract::{FormBody, Tenant},
    listing::{self, Pager},
    page::{Flash, Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::{
    jobs::operate::{self, Filter, Retried},
    operators,
};
use serde::Deserialize;

const PER_PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DeadQuery {
    queue: String,
    kind: String,
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "operator/dead.html")]
struct DeadPage {
    shell: Shell,
    kinds: Vec<KindRow>,
    rows: Vec<JobRow>,
    pager: Pager,
    query: DeadQuery,
    /// When this was read.
    until: String,
}

pub(super) async fn show(tenant: Tenant, query: Query<DeadQuery>) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let query = query.into_inner();
    let after = listing::cursor(&query.cursor)?;
    let filter = Filter {
        // No queue of that name has dead jobs, nor any others.
        queue: match query.queue.as_str() {
            "" => None,
            name => Some(name.parse().map_err(|_unknown| Problem::not_found())?),
        },
        kind: listing::search(&query.kind),
    };
    let mut tx = tenant.app().system.begin().await?;
    let kinds = operate::dead_kinds(&mut tx).await?;
    let found = operate::dead(&mut tx, &filter, after.as_ref(), PER_PAGE).await?;
    let filters = [
        ("queue", query.queue.as_str()),
        ("kind", query.kind.as_str()),
    ];
    let pager = Pager::of(
        "/operator/dead",
        &filters,
        &query.cursor,
        found.next.as_ref(),
    );
    let times = unit.times();
    Page(DeadPage {
        shell: tenant.shell(&unit),
        kinds: kinds
            .into_iter()
            .map(|kind| KindRow::of(kind, &times))
            .collect(),
        rows: found
            .rows
            .iter()
            .map(|job| JobRow::of(job, &times))
            .collect(),
        pager,
        query,
        until: read_at(tx.now()),
    })
    .into_response()
}

/// All of a kind, as far as they had died when the page was read.
pub(super) async fn retry(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let FormBody { fields, once } = form;
    act(&tenant, once, "/operator/dead", async |by| {
        let (kind, until) = (fields.text("kind"), until(&fields)?);
        let retried = operators::retry_kind(&tenant.app().system, by, kind, until).await?;
        Ok(told(retried))
    })
    .await
}

/// What came of it.
pub(super) fn told(retried: Retried) -> Flash {
    match retried {
        Retried {
            back: 0,
            needless: 0,
        } => Flash::warning("None of them was dead any more."),
        Retried { back, needless: 0 } => Flash::success(format!("Back in line: {back}.")),
        Retried { back, needless } => Flash::success(format!(
            "Back in line: {back}. Dropped, since an equal one waits already: {needless}."
        )),
    }
}
