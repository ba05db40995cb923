use crate::{
    extract::Tenant,
    listing::{self, Pager},
    page::{Page, Shell},
    problem::Problem,
    products::views::SkuRow,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::products;
use serde::Deserialize;

const PER_PAGE: u16 = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AlertsQuery {
    cursor: String,
}

#[derive(askama::Template)]
#[template(path = "products/alerts.html")]
struct AlertsPage {
    shell: Shell,
    rows: Vec<SkuRow>,
    pager: Pager,
}

/// What is sold out or about to be.
pub(super) async fn show(
    tenant: Tenant,
    query: Query<AlertsQuery>,
) -> Result<HttpResponse, Problem> {
    let cursor = listing::cursor(&query.cursor)?;
    let mut unit = tenant.begin().await?;
    let page = products::alerts(&mut unit.tx, cursor.as_ref(), PER_PAGE).await?;
    let money = unit.stock_costs();
    Page(AlertsPage {
        shell: tenant.shell(&unit),
        pager: Pager::of("/products/alerts", &[], &query.cursor, page.next.as_ref()),
        rows: page
            .rows
            .iter()
            .map(|stock| SkuRow::of(stock, &money))
            .collect(),
    })
    .into_response()
}
