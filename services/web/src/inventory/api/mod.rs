//! Stock in `/api/v1`.
pub(crate) mod items;
pub(crate) mod stock;

use crate::endpoint::{
    Access::{self, May},
    Endpoint,
};
use actix_web::web::{self, ServiceConfig};
use batchtrack_core::tiers::Permission as P;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/v1/items", May(P::InventoryView), || {
        web::to(items::list)
    }),
    Endpoint::post("/api/v1/items", May(P::InventoryEdit), || {
        web::to(items::create)
    }),
    Endpoint::get("/api/v1/items/{id}", May(P::InventoryView), || {
        web::to(items::show)
    }),
    Endpoint::patch("/api/v1/items/{id}", May(P::InventoryEdit), || {
        web::to(items::change)
    }),
    Endpoint::post(
        "/api/v1/items/{id}/archive",
        May(P::InventoryDelete),
        || web::to(items::archive),
    ),
    Endpoint::post(
        "/api/v1/items/{id}/restore",
        May(P::InventoryDelete),
        || web::to(items::restore),
    ),
    Endpoint::get("/api/v1/items/{id}/lots", May(P::InventoryView), || {
        web::to(stock::lots)
    }),
    Endpoint::get("/api/v1/items/{id}/history", May(P::InventoryView), || {
        web::to(stock::history)
    }),
    Endpoint::post(
        "/api/v1/items/{id}/receipts",
        May(P::InventoryAdjust),
        || web::to(stock::receive),
    ),
    Endpoint::post(
        "/api/v1/items/{id}/adjustments",
        May(P::InventoryAdjust),
        || web::to(stock::adjust),
    ),
    Endpoint::get("/api/v1/actions/{id}", May(P::InventoryView), || {
        web::to(stock::action)
    }),
    Endpoint::post("/api/v1/actions/{id}/undo", Access::Member, || {
        web::to(stock::undo)
    }),
    Endpoint::get("/api/v1/categories", May(P::InventoryView), || {
        web::to(items::categories)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}
