//! The pages of batches.
mod list;
mod show;
mod start;

pub(super) use self::show::again;
use actix_web::web::{self, ServiceConfig};

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/batches", "/batches/"))
        .service(web::resource("/batches/").route(web::get().to(list::show)))
        .service(web::resource("/batches/start").route(web::post().to(start::start)))
        .service(
            web::resource("/batches/in-progress/{key}").route(web::get().to(show::in_progress)),
        )
        .service(web::resource("/batches/{key}").route(web::get().to(show::record)));
}
