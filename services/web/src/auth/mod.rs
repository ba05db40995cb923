//! Signing up, in and out, and getting back in.
mod admission;
mod breached;
mod change_email;
mod check_mail;
mod code;
mod forgot;
mod forms;
mod passkey;
mod reset;
mod second_step;
mod sign_in;
mod sign_out;
mod sign_up;
mod throttle;
mod verify;

pub(crate) use self::{
    breached::Breached,
    throttle::{attempt, is_trapped},
};
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
    Endpoint::get("/auth/second-step", Access::Public, || {
        web::to(second_step::show)
    }),
    Endpoint::post("/auth/second-step", Access::Public, || {
        web::to(second_step::submit)
    }),
    Endpoint::post("/auth/second-step/send", Access::Public, || {
        web::to(second_step::send)
    }),
    Endpoint::get("/auth/code", Access::Public, || web::to(code::ask)),
    Endpoint::post("/auth/code", Access::Public, || web::to(code::send)),
    Endpoint::get("/auth/code/enter", Access::Public, || web::to(code::show)),
    Endpoint::post("/auth/code/enter", Access::Public, || web::to(code::submit)),
    Endpoint::post("/auth/passkey/begin", Access::Public, || {
        web::to(passkey::begin)
    }),
    Endpoint::post("/auth/passkey/finish", Access::Public, || {
        web::to(passkey::finish)
    }),
    Endpoint::get("/auth/signup", Access::Public, || web::to(sign_up::show)),
    Endpoint::post("/auth/signup", Access::Public, || web::to(sign_up::submit)),
    Endpoint::get("/auth/check-mail", Access::Public, || {
        web::to(check_mail::show)
    }),
    Endpoint::post("/auth/resend-verification", Access::Public, || {
        web::to(check_mail::again)
    }),
    Endpoint::get("/auth/verify-email/{token}", Access::Public, || {
        web::to(verify::show)
    }),
    Endpoint::post("/auth/verify-email/{token}", Access::Public, || {
        web::to(verify::submit)
    }),
    Endpoint::get("/auth/forgot-password", Access::Public, || {
        web::to(forgot::show)
    }),
    Endpoint::post("/auth/forgot-password", Access::Public, || {
        web::to(forgot::submit)
    }),
    Endpoint::get("/auth/reset-password/{token}", Access::Public, || {
        web::to(reset::show)
    }),
    Endpoint::post("/auth/reset-password/{token}", Access::Public, || {
        web::to(reset::submit)
    }),
    Endpoint::get("/auth/change-email/{token}", Access::Public, || {
        web::to(change_email::show)
    }),
    Endpoint::post("/auth/change-email/{token}", Access::Public, || {
        web::to(change_email::submit)
    }),
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

/// To another page of this room.
fn to(path: &'static str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}
