//! What people want us to write about: their preferences, and the link at the end of each letter.
mod preferences;
mod unsubscribe;
mod views;

use crate::endpoint::{Access, Endpoint};
use actix_web::web::{self, ServiceConfig};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/account/letters", Access::Person, || {
        web::to(preferences::show)
    }),
    Endpoint::post("/account/letters", Access::Person, || {
        web::to(preferences::submit)
    }),
    Endpoint::get("/u/{token}", Access::Public, || web::to(unsubscribe::ask)),
    Endpoint::post("/u/{token}", Access::Public, || web::to(unsubscribe::stop)),
    Endpoint::post("/u/{token}/again", Access::Public, || {
        web::to(unsubscribe::again)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}
