use crate::{
    extract::Tenant,
    listing::{self, Pager},
    page::{Page, Shell},
    problem::Problem,
    products::views::ProductRow,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::products;
use serde::Deserialize;

const PER_PAGE: u16 = 25;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    q: String,
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "products/list.html")]
struct ListPage {
    shell: Shell,
    q: String,
    rows: Vec<ProductRow>,
    pager: Pager,
}

pub(super) async fn show(tenant: Tenant, query: Query<ListQuery>) -> Result<HttpResponse, Problem> {
    let cursor = listing::cursor(&query.cursor)?;
    let search = listing::search(&query.q);
    let mut unit = tenant.begin().await?;
    let page = products::list(&mut unit.tx, search.as_deref(), cursor.as_ref(), PER_PAGE).await?;
    let money = unit.stock_costs();
    let pager = Pager::of(
        "/products/",
        &[("q", query.q.trim())],
        &query.cursor,
        page.next.as_ref(),
    );
    Page(ListPage {
        shell: tenant.shell(&unit),
        q: search.unwrap_or_default(),
        rows: page
            .rows
            .into_iter()
            .map(|row| ProductRow::of(row, &money))
            .collect(),
        pager,
    })
    .into_response()
}
