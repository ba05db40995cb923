//! The pages of webhooks.
mod delivery;
mod edit;
mod list;
mod log;
mod show;

use crate::endpoint::{Access::May, Endpoint};
use actix_web::web::{self, ServiceConfig};
use batchtrack_core::tiers::Permission as P;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/webhooks/", May(P::IntegrationsWebhooks), || {
        web::to(list::show)
    }),
    Endpoint::get("/webhooks/new", May(P::IntegrationsWebhooks), || {
        web::to(edit::blank)
    }),
    Endpoint::post("/webhooks/new", May(P::IntegrationsWebhooks), || {
        web::to(edit::create)
    }),
    Endpoint::get("/webhooks/log", May(P::IntegrationsWebhooks), || {
        web::to(log::show)
    }),
    Endpoint::post("/webhooks/replay", May(P::IntegrationsWebhooks), || {
        web::to(log::replay)
    }),
    Endpoint::get(
        "/webhooks/replays/{id}",
        May(P::IntegrationsWebhooks),
        || web::to(log::show_replay),
    ),
    Endpoint::get(
        "/webhooks/deliveries/{id}",
        May(P::IntegrationsWebhooks),
        || web::to(delivery::show),
    ),
    Endpoint::post(
        "/webhooks/deliveries/{id}/replay",
        May(P::IntegrationsWebhooks),
        || web::to(delivery::replay),
    ),
    Endpoint::get("/webhooks/{id}", May(P::IntegrationsWebhooks), || {
        web::to(show::show)
    }),
    Endpoint::get("/webhooks/{id}/edit", May(P::IntegrationsWebhooks), || {
        web::to(edit::show)
    }),
    Endpoint::post("/webhooks/{id}/edit", May(P::IntegrationsWebhooks), || {
        web::to(edit::save)
    }),
    Endpoint::post("/webhooks/{id}/test", May(P::IntegrationsWebhooks), || {
        web::to(show::test)
    }),
    Endpoint::post(
        "/webhooks/{id}/rotate",
        May(P::IntegrationsWebhooks),
        || web::to(show::rotate),
    ),
    Endpoint::post(
        "/webhooks/{id}/enable",
        May(P::IntegrationsWebhooks),
        || web::to(show::enable),
    ),
    Endpoint::post(
        "/webhooks/{id}/disable",
        May(P::IntegrationsWebhooks),
        || web::to(show::disable),
    ),
    Endpoint::post(
        "/webhooks/{id}/delete",
        May(P::IntegrationsWebhooks),
        || web::to(show::delete),
    ),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/webhooks", "/webhooks/"));
    Endpoint::register(ENDPOINTS, cfg);
}
