//! Signing up, in and out.
mod forms;
mod sign_in;
mod sign_out;
mod sign_up;

use crate::extract::Meta;
use actix_web::{
    HttpResponse,
    http::header,
    web::{self, ServiceConfig},
};

const DASHBOARD: &str = "/user_dashboard";

pub fn pages(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/auth/login")
            .route(web::get().to(sign_in::show))
            .route(web::post().to(sign_in::submit)),
    )
    .service(
        web::resource("/auth/signup")
            .route(web::get().to(sign_up::show))
            .route(web::post().to(sign_up::submit)),
    )
    .service(web::resource("/auth/logout").route(web::post().to(sign_out::submit)));
}

/// To where they wanted to go, if that is a page of this site.
fn onward(next: &str) -> HttpResponse {
    let target = if Meta::is_same_site_path(next) {
        next
    } else {
        DASHBOARD
    };
    HttpResponse::Found()
        .insert_header((header::LOCATION, target))
        .finish()
}
