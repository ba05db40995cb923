//! Signing up, in and out.
mod forms;
mod sign_in;
mod sign_out;
mod sign_up;
mod throttle;

pub(crate) use self::throttle::{attempt, is_trapped};
use crate::endpoint::{Access, Endpoint};
use crate::extract::Meta;
use actix_web::{
    HttpResponse,
    http::header,
    web::{self, ServiceConfig},
};

const DASHBOARD: &str = "/user_dashboard";

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/auth/login", Access::Public, || web::to(sign_in::show)),
    Endpoint::post("/auth/login", Access::Public, || web::to(sign_in::submit)),
    Endpoint::get("/auth/signup", Access::Public, || web::to(sign_up::show)),
    Endpoint::post("/auth/signup", Access::Public, || web::to(sign_up::submit)),
    Endpoint::post("/auth/logout", Access::Public, || web::to(sign_out::submit)),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
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
