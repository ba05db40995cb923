//! What people want us to write about: their preferences, and the link at the end of each letter.
mod preferences;
mod unsubscribe;
mod views;

use actix_web::web::{self, ServiceConfig};

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/account/letters")
            .route(web::get().to(preferences::show))
            .route(web::post().to(preferences::submit)),
    )
    .service(
        web::resource("/u/{token}")
            .route(web::get().to(unsubscribe::ask))
            .route(web::post().to(unsubscribe::stop)),
    )
    .service(web::resource("/u/{token}/again").route(web::post().to(unsubscribe::again)));
}
