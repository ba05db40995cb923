use crate::{
    extract::Tenant,
    listing::{self, Pager},
    page::{Page, Shell},
    problem::Problem,
    recipes::views::RecipeRow,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::recipes::{self, RecipeFilter};
use serde::Deserialize;

const PER_PAGE: u16 = 25;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    q: String,
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "recipes/list.html")]
struct ListPage {
    shell: Shell,
    q: String,
    rows: Vec<RecipeRow>,
    pager: Pager,
}

pub(super) async fn show(tenant: Tenant, query: Query<ListQuery>) -> Result<HttpResponse, Problem> {
    let cursor = listing::cursor(&query.cursor)?;
    let filter = RecipeFilter {
        search: listing::search(&query.q),
        archived: false,
    };
    let mut unit = tenant.begin().await?;
    let page = recipes::list(&mut unit.tx, &filter, cursor.as_ref(), PER_PAGE).await?;
    let pager = Pager::of(
        "/recipes/",
        &[("q", query.q.trim())],
        &query.cursor,
        page.next.as_ref(),
    );
    Page(ListPage {
        shell: tenant.shell(&unit),
        q: filter.search.unwrap_or_default(),
        rows: page.rows.into_iter().map(RecipeRow::of).collect(),
        pager,
    })
    .into_response()
}
