//! The pages of recipes.
mod list;
mod new;
pub(crate) mod show;

use crate::endpoint::{Access::May, Endpoint};
use actix_web::web::{self, ServiceConfig};
use batchtrack_core::tiers::Permission as P;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/recipes/", May(P::RecipesView), || web::to(list::show)),
    Endpoint::get("/recipes/new", May(P::RecipesCreate), || {
        web::to(new::blank)
    }),
    Endpoint::post("/recipes/new", May(P::RecipesCreate), || {
        web::to(new::create)
    }),
    Endpoint::get("/recipes/{id}/view", May(P::RecipesView), || {
        web::to(show::show)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/recipes", "/recipes/"));
    Endpoint::register(ENDPOINTS, cfg);
}
