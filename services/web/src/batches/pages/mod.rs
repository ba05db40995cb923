//! The pages of batches.
mod list;
mod show;
mod start;

pub(super) use self::show::again;
use crate::endpoint::{Access::May, Endpoint};
use actix_web::web::{self, ServiceConfig};
use batchtrack_core::tiers::Permission as P;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/batches/", May(P::BatchesView), || web::to(list::show)),
    Endpoint::post("/batches/start", May(P::BatchesCreate), || {
        web::to(start::start)
    }),
    Endpoint::get("/batches/in-progress/{key}", May(P::BatchesView), || {
        web::to(show::in_progress)
    }),
    Endpoint::get("/batches/{key}", May(P::BatchesView), || {
        web::to(show::record)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/batches", "/batches/"));
    Endpoint::register(ENDPOINTS, cfg);
}
