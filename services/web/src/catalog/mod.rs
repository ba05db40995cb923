//! The shared library: pages for anyone, and the search that pages and forms ask.
mod api;
pub(crate) mod keep;
mod pages;
mod views;
mod wire;

use crate::endpoint::{
    Access::{self, May},
    Endpoint,
};
use crate::{extract::Visitor, page::Shell};
use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web::{self, ServiceConfig},
};
use batchtrack_core::tiers::Permission as P;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/global-items", Access::Public, || web::to(pages::list)),
    Endpoint::get("/global-items/{id}", Access::Public, || {
        web::to(pages::show)
    }),
    Endpoint::post(
        "/global-items/{id}/save-to-inventory",
        May(P::InventoryEdit),
        || web::to(keep::keep),
    ),
    Endpoint::get("/api/public/global-items/search", Access::Public, || {
        web::to(api::anyone)
    }),
    Endpoint::get(
        "/api/ingredients/global-items/search",
        Access::Member,
        || web::to(api::member),
    ),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// Lets a page that is the same for all strangers be kept for a minute; nobody's own page is.
pub(crate) fn for_strangers(
    mut page: HttpResponse,
    visitor: &Visitor,
    is_plain: bool,
) -> HttpResponse {
    if is_plain && visitor.caller.is_none() {
        let headers = page.headers_mut();
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=60"),
        );
        headers.append(header::VARY, HeaderValue::from_static("Cookie"));
    }
    page
}

/// Whether there is nothing in the frame that is meant for one reader alone.
pub(crate) fn is_plain(shell: &Shell) -> bool {
    shell.csrf.is_empty() && shell.flash.is_empty() && shell.user.is_none()
}
