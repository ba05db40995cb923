//! Stock in `/api/v1`.
pub(crate) mod items;
pub(crate) mod stock;

use crate::wire::Endpoint;
use actix_web::web::{self, ServiceConfig};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/v1/items", || web::to(items::list)),
    Endpoint::post("/api/v1/items", || web::to(items::create)),
    Endpoint::get("/api/v1/items/{id}", || web::to(items::show)),
    Endpoint::patch("/api/v1/items/{id}", || web::to(items::change)),
    Endpoint::post("/api/v1/items/{id}/archive", || web::to(items::archive)),
    Endpoint::post("/api/v1/items/{id}/restore", || web::to(items::restore)),
    Endpoint::get("/api/v1/items/{id}/lots", || web::to(stock::lots)),
    Endpoint::get("/api/v1/items/{id}/history", || web::to(stock::history)),
    Endpoint::post("/api/v1/items/{id}/receipts", || web::to(stock::receive)),
    Endpoint::post("/api/v1/items/{id}/adjustments", || web::to(stock::adjust)),
    Endpoint::get("/api/v1/actions/{id}", || web::to(stock::action)),
    Endpoint::post("/api/v1/actions/{id}/undo", || web::to(stock::undo)),
    Endpoint::get("/api/v1/categories", || web::to(items::categories)),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}
