//! Products for scripts of pages.
use crate::{
    endpoint::{Access::May, Endpoint},
    extract::Tenant,
    page_api::worded,
    problem::Problem,
    wire::{self, number},
};
use actix_web::web::{self, Json, Query, ServiceConfig};
use batchtrack_core::{
    kernel::{Quantity, ids::ProductId},
    products::{self, SkuStock},
    tiers::Permission as P,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// More than a page could offer to choose from.
const MOST: u16 = 1_000;
const FOUND: i32 = 20;
const LOW: u16 = 200;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/bootstrap/products", May(P::ProductsView), || {
        web::to(bootstrap)
    }),
    Endpoint::get("/api/products/search", May(P::ProductsView), || {
        web::to(search)
    }),
    Endpoint::get("/api/products/low-stock", May(P::ProductsView), || {
        web::to(low_stock)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// What is still made.
async fn bootstrap(tenant: Tenant) -> Result<Json<Value>, Problem> {
    let mut unit = tenant.begin().await?;
    let names = products::names(&mut unit.tx, MOST).await?;
    let ids: Vec<ProductId> = names.iter().map(|(id, _)| *id).collect();
    let items = products::items_of(&mut unit.tx, ids).await?;
    let rows: Vec<Value> = names
        .into_iter()
        .map(|(id, name)| json!({ "id": id, "name": name }))
        .collect();
    Ok(Json(
        json!({ "products": rows, "sku_inventory_ids": items, "cache": "miss", "version": 1 }),
    ))
}

#[derive(Deserialize)]
struct Search {
    q: Option<String>,
}

async fn search(tenant: Tenant, query: Query<Search>) -> Result<Json<Vec<Value>>, Problem> {
    let mut unit = tenant.begin().await?;
    let Some(text) = wire::search(query.q.as_deref()) else {
        return Ok(Json(Vec::new()));
    };
    let found = products::search(&mut unit.tx, &text, FOUND).await?;
    Ok(Json(found.iter().map(row).collect()))
}

#[derive(Deserialize)]
struct Threshold {
    threshold: Option<String>,
}

/// SKUs at or under so many times their threshold.
async fn low_stock(tenant: Tenant, query: Query<Threshold>) -> Result<Json<Vec<Value>>, Problem> {
    let times = wire::filled(query.threshold.as_deref()).unwrap_or("1");
    let times = times
        .parse::<Quantity>()
        .ok()
        .filter(|times| *times >= Quantity::ZERO)
        .ok_or_else(|| {
            let detail = "The threshold is how many times a SKU's own: a number such as 1 or 1.5.";
            worded(Problem::invalid("request.bad_query", detail).field("threshold", detail))
        })?;
    let mut unit = tenant.begin().await?;
    let low = products::low_stock(&mut unit.tx, times.get(), LOW).await?;
    let rows = low.iter().map(|stock| {
        let mut row = row(stock);
        let threshold = stock
            .item
            .low_stock_threshold
            .map(|low| stock.item.written(low));
        if let Some(fields) = row.as_object_mut() {
            fields.insert(
                "low_stock_threshold".to_owned(),
                number(threshold.unwrap_or_default()),
            );
        }
        row
    });
    Ok(Json(rows.collect()))
}

fn row(stock: &SkuStock) -> Value {
    json!({
        "sku_id": stock.sku.id,
        "sku_code": stock.sku.code,
        "product_name": stock.product,
        "variant_name": stock.variant,
        "size_label": stock.sku.size_label,
        "current_quantity": number(stock.item.written(stock.item.quantity)),
        "unit": stock.item.unit,
    })
}
