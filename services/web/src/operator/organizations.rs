use super::views::CardRow;
use crate::{
    extract::Person,
    listing::{self, Pager},
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::operators;
use serde::Deserialize;

const PER_PAGE: u16 = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OrganizationsQuery {
    q: String,
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "operator/organizations.html")]
struct OrganizationsPage {
    shell: Shell,
    query: OrganizationsQuery,
    rows: Vec<CardRow>,
    pager: Pager,
}

pub(super) async fn show(
    person: Person,
    query: Query<OrganizationsQuery>,
) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let query = query.into_inner();
    let after = listing::cursor(&query.cursor)?;
    let search = listing::search(&query.q);
    let mut tx = person.app().system.begin().await?;
    let found =
        operators::organizations(&mut tx, search.as_deref(), after.as_ref(), PER_PAGE).await?;
    let times = person.times(&known);
    let filters = [("q", query.q.as_str())];
    let path = "/operator/organizations";
    Page(OrganizationsPage {
        shell: person.shell(&known),
        pager: Pager::of(path, &filters, &query.cursor, found.next.as_ref()),
        rows: found
            .rows
            .into_iter()
            .map(|card| CardRow::of(card, &times))
            .collect(),
        query,
    })
    .into_response()
}
