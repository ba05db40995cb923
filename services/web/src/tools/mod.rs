//! Tools for anyone: no account, no script needed.
mod converter;
mod pages;

use crate::endpoint::{Access, Endpoint};
use actix_web::web::{self, ServiceConfig};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/tools/", Access::Public, || web::to(pages::landing)),
    Endpoint::get("/tools/unit-converter", Access::Public, || {
        web::to(pages::converter)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/tools", "/tools/"));
    Endpoint::register(ENDPOINTS, cfg);
}
