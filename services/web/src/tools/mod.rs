//! Tools for anyone: no account, no script needed.
mod converter;
mod pages;

use actix_web::web::{self, ServiceConfig};

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::redirect("/tools", "/tools/"))
        .service(web::resource("/tools/").route(web::get().to(pages::landing)))
        .service(web::resource("/tools/unit-converter").route(web::get().to(pages::converter)));
}
