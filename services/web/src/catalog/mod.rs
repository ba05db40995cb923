//! The shared library: pages for anyone, and the search that pages and forms ask.
mod api;
pub(crate) mod keep;
mod pages;
mod views;
mod wire;

use crate::{extract::Visitor, page::Shell};
use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web::{self, ServiceConfig},
};

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/global-items").route(web::get().to(pages::list)))
        .service(web::resource("/global-items/{id}").route(web::get().to(pages::show)))
        .service(
            web::resource("/global-items/{id}/save-to-inventory").route(web::post().to(keep::keep)),
        )
        .service(web::resource("/api/public/global-items/search").route(web::get().to(api::anyone)))
        .service(
            web::resource("/api/ingredients/global-items/search").route(web::get().to(api::member)),
        );
}

/// Lets a page that is the same for all strangers be kept for a minute; nobody's own page is.
pub(crate) fn for_strangers(
    mut page: HttpResponse,
    visitor: &Visitor,
    is_plain: bool,
) -> HttpResponse {
    if is_plain && visitor.member.is_none() {
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
