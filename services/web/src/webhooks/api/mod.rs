//! Webhooks in `/api/v1`.
pub(crate) mod endpoints;
pub(crate) mod log;

use crate::endpoint::{Access::May, Endpoint};
use actix_web::web::{self, ServiceConfig};
use batchtrack_core::tiers::Permission as P;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get(
        "/api/v1/webhook-events",
        May(P::IntegrationsWebhooks),
        || web::to(endpoints::events),
    ),
    Endpoint::get(
        "/api/v1/webhook-endpoints",
        May(P::IntegrationsWebhooks),
        || web::to(endpoints::list),
    ),
    Endpoint::post(
        "/api/v1/webhook-endpoints",
        May(P::IntegrationsWebhooks),
        || web::to(endpoints::create),
    ),
    Endpoint::get(
        "/api/v1/webhook-endpoints/{id}",
        May(P::IntegrationsWebhooks),
        || web::to(endpoints::show),
    ),
    Endpoint::patch(
        "/api/v1/webhook-endpoints/{id}",
        May(P::IntegrationsWebhooks),
        || web::to(endpoints::change),
    ),
    Endpoint::delete(
        "/api/v1/webhook-endpoints/{id}",
        May(P::IntegrationsWebhooks),
        || web::to(endpoints::delete),
    ),
    Endpoint::post(
        "/api/v1/webhook-endpoints/{id}/rotate-secret",
        May(P::IntegrationsWebhooks),
        || web::to(endpoints::rotate_secret),
    ),
    Endpoint::post(
        "/api/v1/webhook-endpoints/{id}/test",
        May(P::IntegrationsWebhooks),
        || web::to(endpoints::test),
    ),
    Endpoint::get(
        "/api/v1/webhook-deliveries",
        May(P::IntegrationsWebhooks),
        || web::to(log::list),
    ),
    Endpoint::get(
        "/api/v1/webhook-deliveries/{id}",
        May(P::IntegrationsWebhooks),
        || web::to(log::show),
    ),
    Endpoint::post(
        "/api/v1/webhook-deliveries/{id}/replay",
        May(P::IntegrationsWebhooks),
        || web::to(log::replay_delivery),
    ),
    Endpoint::post(
        "/api/v1/webhook-replays",
        May(P::IntegrationsWebhooks),
        || web::to(log::start_replay),
    ),
    Endpoint::get(
        "/api/v1/webhook-replays/{id}",
        May(P::IntegrationsWebhooks),
        || web::to(log::show_replay),
    ),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}
