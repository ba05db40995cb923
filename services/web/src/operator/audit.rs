use super::views::EntryRow;
use crate::{
    extract::Tenant,
    listing::{self, Pager},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::operators;
use serde::Deserialize;

const PER_PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AuditQuery {
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "operator/audit.html")]
struct AuditPage {
    shell: Shell,
    rows: Vec<EntryRow>,
    pager: Pager,
}

pub(super) async fn show(
    tenant: Tenant,
    query: Query<AuditQuery>,
) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let after = listing::cursor(&query.cursor)?;
    let mut tx = tenant.app().system.begin().await?;
    let found = operators::audit(&mut tx, after.as_ref(), PER_PAGE).await?;
    let times = unit.times();
    Page(AuditPage {
        shell: tenant.shell(&unit),
        pager: Pager::of("/operator/audit", &[], &query.cursor, found.next.as_ref()),
        rows: found
            .rows
            .into_iter()
            .map(|entry| EntryRow::of(entry, &times))
            .collect(),
    })
    .into_response()
}
