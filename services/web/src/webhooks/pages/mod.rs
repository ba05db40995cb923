//! The pages of webhooks.
mod delivery;
mod edit;
mod list;
mod log;
mod show;

use actix_web::web::{self, ServiceConfig};

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/webhooks", "/webhooks/"))
        .service(web::resource("/webhooks/").route(web::get().to(list::show)))
        .service(
            web::resource("/webhooks/new")
                .route(web::get().to(edit::blank))
                .route(web::post().to(edit::create)),
        )
        .service(web::resource("/webhooks/log").route(web::get().to(log::show)))
        .service(web::resource("/webhooks/replay").route(web::post().to(log::replay)))
        .service(web::resource("/webhooks/replays/{id}").route(web::get().to(log::show_replay)))
        .service(web::resource("/webhooks/deliveries/{id}").route(web::get().to(delivery::show)))
        .service(
            web::resource("/webhooks/deliveries/{id}/replay")
                .route(web::post().to(delivery::replay)),
        )
        .service(web::resource("/webhooks/{id}").route(web::get().to(show::show)))
        .service(
            web::resource("/webhooks/{id}/edit")
                .route(web::get().to(edit::show))
                .route(web::post().to(edit::save)),
        )
        .service(web::resource("/webhooks/{id}/test").route(web::post().to(show::test)))
        .service(web::resource("/webhooks/{id}/rotate").route(web::post().to(show::rotate)))
        .service(web::resource("/webhooks/{id}/enable").route(web::post().to(show::enable)))
        .service(web::resource("/webhooks/{id}/disable").route(web::post().to(show::disable)))
        .service(web::resource("/webhooks/{id}/delete").route(web::post().to(show::delete)));
}
