//! Webhooks in `/api/v1`.
pub(crate) mod endpoints;
pub(crate) mod log;

use crate::wire::Endpoint;
use actix_web::web::{self, ServiceConfig};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/v1/webhook-events", || web::to(endpoints::events)),
    Endpoint::get("/api/v1/webhook-endpoints", || web::to(endpoints::list)),
    Endpoint::post("/api/v1/webhook-endpoints", || web::to(endpoints::create)),
    Endpoint::get("/api/v1/webhook-endpoints/{id}", || {
        web::to(endpoints::show)
    }),
    Endpoint::patch("/api/v1/webhook-endpoints/{id}", || {
        web::to(endpoints::change)
    }),
    Endpoint::delete("/api/v1/webhook-endpoints/{id}", || {
        web::to(endpoints::delete)
    }),
    Endpoint::post("/api/v1/webhook-endpoints/{id}/rotate-secret", || {
        web::to(endpoints::rotate_secret)
    }),
    Endpoint::post("/api/v1/webhook-endpoints/{id}/test", || {
        web::to(endpoints::test)
    }),
    Endpoint::get("/api/v1/webhook-deliveries", || web::to(log::list)),
    Endpoint::get("/api/v1/webhook-deliveries/{id}", || web::to(log::show)),
    Endpoint::post("/api/v1/webhook-deliveries/{id}/replay", || {
        web::to(log::replay_delivery)
    }),
    Endpoint::post("/api/v1/webhook-replays", || web::to(log::start_replay)),
    Endpoint::get("/api/v1/webhook-replays/{id}", || web::to(log::show_replay)),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}
