use super::super::views::EndpointRow;
use crate::{
    extract::Tenant,
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::HttpResponse;
use batchtrack_core::webhooks::{self, RECENT};
use std::collections::BTreeMap;

#[derive(askama::Template)]
#[template(path = "webhooks/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<EndpointRow>,
    recent: i64,
}

pub(super) async fn show(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let mut unit = tenant.begin().await?;
    let endpoints = webhooks::endpoints(&mut unit.tx).await?;
    let ids: Vec<_> = endpoints.iter().map(|endpoint| endpoint.id).collect();
    let recent: BTreeMap<_, _> = webhooks::recent(&mut unit.tx, &ids)
        .await?
        .into_iter()
        .collect();
    let times = unit.times();
    Page(ListPage {
        shell: tenant.shell(&unit),
        rows: endpoints
            .into_iter()
            .map(|endpoint| {
                let recent = recent.get(&endpoint.id).copied().unwrap_or_default();
                EndpointRow::of(endpoint, recent, &times)
            })
            .collect(),
        recent: RECENT,
    })
    .into_response()
}
