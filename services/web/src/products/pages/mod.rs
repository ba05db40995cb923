//! The pages of products.
mod alerts;
mod list;
mod new;
mod show;

use crate::endpoint::{Access::May, Endpoint};
use actix_web::web::{self, ServiceConfig};
use batchtrack_core::tiers::Permission as P;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/products/", May(P::ProductsView), || web::to(list::show)),
    Endpoint::get("/products/new", May(P::ProductsCreate), || {
        web::to(new::blank)
    }),
    Endpoint::post("/products/new", May(P::ProductsCreate), || {
        web::to(new::create)
    }),
    Endpoint::get("/products/alerts", May(P::ProductsView), || {
        web::to(alerts::show)
    }),
    Endpoint::get("/products/{id}", May(P::ProductsView), || {
        web::to(show::show)
    }),
    Endpoint::post("/products/{id}/sell", May(P::ProductsSalesTracking), || {
        web::to(show::sell)
    }),
    Endpoint::post("/products/{id}/price", May(P::ProductsEdit), || {
        web::to(show::set_price)
    }),
    Endpoint::post(
        "/products/{id}/skus",
        May(P::ProductsManageVariants),
        || web::to(show::add_sku),
    ),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/products", "/products/"))
        .service(web::redirect("/products/list", "/products/"));
    Endpoint::register(ENDPOINTS, cfg);
}
