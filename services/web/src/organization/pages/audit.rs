use super::super::{csv, forms::AuditQuery, views::EntryRow};
use crate::{
    extract::Tenant,
    listing::{self, Pager},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, http::header, web::Query};
use batchtrack_core::organizations::{
    self,
    audit::{self, Act},
};

const PER_PAGE: u16 = 50;
/// Of those to choose from; others are found by their name.
const PEOPLE: u16 = 200;

#[derive(askama::Template)]
#[template(path = "organization/audit.html")]
struct AuditPage {
    shell: Shell,
    asked: AuditQuery,
    people: Vec<(String, String)>,
    acts: Vec<(&'static str, &'static str)>,
    rows: Vec<EntryRow>,
    pager: Pager,
    /// Of the file with the same lines.
    file: String,
    is_narrowed: bool,
}

pub(super) async fn show(
    tenant: Tenant,
    query: Query<AuditQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let filter = query.filter()?;
    let after = listing::cursor(&query.cursor)?;
    let mut unit = tenant.begin().await?;
    let found = audit::entries(&mut unit.tx, &filter, after.as_ref(), PER_PAGE).await?;
    let people = organizations::members(&mut unit.tx, None, None, PEOPLE).await?;
    let times = unit.times();
    let pairs = query.pairs();
    let next = found.next.as_ref();
    let file = Pager::of("/organization/audit.csv", &pairs, "here", None);
    Page(AuditPage {
        shell: tenant.shell(&unit),
        people: people
            .rows
            .into_iter()
            .map(|member| (member.user.to_string(), member.name))
            .collect(),
        acts: Act::ALL
            .iter()
            .map(|act| (act.as_str(), act.label()))
            .collect(),
        pager: Pager::of("/organization/audit", &pairs, &query.cursor, next),
        file: file.first.unwrap_or_default(),
        is_narrowed: pairs.iter().any(|(_, value)| !value.is_empty()),
        rows: found
            .rows
            .into_iter()
            .map(|entry| EntryRow::of(entry, &times))
            .collect(),
        asked: query,
    })
    .into_response()
}

/// The same lines, all of them, as CSV.
pub(super) async fn export(
    tenant: Tenant,
    query: Query<AuditQuery>,
) -> Result<HttpResponse, Problem> {
    let filter = query.filter()?;
    let lines = csv::lines(tenant, filter).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit.csv\"",
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(lines))
}
