//! The pages of stock.
mod edit;
mod list;
mod show;
mod undo;

pub(super) use self::show::again;
pub(crate) use self::undo::{need_to_undo, or_back};
use crate::endpoint::{
    Access::{self, May},
    Endpoint,
};
use actix_web::web::{self, ServiceConfig};
use batchtrack_core::tiers::Permission as P;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/inventory/", May(P::InventoryView), || web::to(list::show)),
    Endpoint::get("/inventory/new", May(P::InventoryEdit), || {
        web::to(edit::blank)
    }),
    Endpoint::post("/inventory/new", May(P::InventoryEdit), || {
        web::to(edit::create)
    }),
    Endpoint::get("/inventory/view/{id}", May(P::InventoryView), || {
        web::to(show::show)
    }),
    Endpoint::get("/inventory/edit/{id}", May(P::InventoryEdit), || {
        web::to(edit::show)
    }),
    Endpoint::post("/inventory/edit/{id}", May(P::InventoryEdit), || {
        web::to(edit::save)
    }),
    Endpoint::post("/inventory/archive/{id}", May(P::InventoryDelete), || {
        web::to(edit::archive)
    }),
    Endpoint::post("/inventory/restore/{id}", May(P::InventoryDelete), || {
        web::to(edit::restore)
    }),
    Endpoint::post("/actions/{id}/undo", Access::Member, || web::to(undo::undo)),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/inventory", "/inventory/"));
    Endpoint::register(ENDPOINTS, cfg);
}
