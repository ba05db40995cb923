//! The pages of stock.
mod edit;
mod list;
mod show;
mod undo;

pub(super) use self::show::again;
pub(crate) use self::undo::or_back;
use actix_web::web::{self, ServiceConfig};

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/inventory", "/inventory/"))
        .service(web::resource("/inventory/").route(web::get().to(list::show)))
        .service(
            web::resource("/inventory/new")
                .route(web::get().to(edit::blank))
                .route(web::post().to(edit::create)),
        )
        .service(web::resource("/inventory/view/{id}").route(web::get().to(show::show)))
        .service(
            web::resource("/inventory/edit/{id}")
                .route(web::get().to(edit::show))
                .route(web::post().to(edit::save)),
        )
        .service(web::resource("/inventory/archive/{id}").route(web::post().to(edit::archive)))
        .service(web::resource("/inventory/restore/{id}").route(web::post().to(edit::restore)))
        .service(web::resource("/actions/{id}/undo").route(web::post().to(undo::undo)));
}
