//! What somebody may change about themselves.
mod delete;
mod email;
mod export;
mod forms;
mod pages;
mod passkeys;
mod password;
mod two_step;
mod zones;

pub(crate) use self::forms::detected_zone;
use crate::endpoint::{Access, Endpoint};
use actix_web::web::{self, ServiceConfig};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/account", Access::Person, || web::to(pages::show)),
    Endpoint::post("/account", Access::Person, || web::to(pages::save)),
    Endpoint::get("/account/email", Access::Person, || web::to(email::show)),
    Endpoint::post("/account/email", Access::Person, || web::to(email::submit)),
    Endpoint::post("/account/email/confirm", Access::Person, || {
        web::to(email::confirm)
    }),
    Endpoint::get("/account/password", Access::Person, || {
        web::to(password::show)
    }),
    Endpoint::post("/account/password", Access::Person, || {
        web::to(password::submit)
    }),
    Endpoint::get("/account/two-step", Access::Person, || {
        web::to(two_step::show)
    }),
    Endpoint::post("/account/two-step/app", Access::Person, || {
        web::to(two_step::begin_app)
    }),
    Endpoint::get("/account/two-step/app", Access::Person, || {
        web::to(two_step::show_app)
    }),
    Endpoint::post("/account/two-step/app/confirm", Access::Person, || {
        web::to(two_step::confirm_app)
    }),
    Endpoint::post("/account/two-step/email", Access::Person, || {
        web::to(two_step::begin_email)
    }),
    Endpoint::get("/account/two-step/email", Access::Person, || {
        web::to(two_step::show_email)
    }),
    Endpoint::post("/account/two-step/email/confirm", Access::Person, || {
        web::to(two_step::confirm_email)
    }),
    Endpoint::post("/account/two-step/codes", Access::Person, || {
        web::to(two_step::renew)
    }),
    Endpoint::post("/account/two-step/off", Access::Person, || {
        web::to(two_step::switch_off)
    }),
    Endpoint::get("/account/passkeys", Access::Person, || {
        web::to(passkeys::show)
    }),
    Endpoint::post("/account/passkeys/begin", Access::Person, || {
        web::to(passkeys::begin)
    }),
    Endpoint::post("/account/passkeys/finish", Access::Person, || {
        web::to(passkeys::finish)
    }),
    Endpoint::post("/account/passkeys/{id}/remove", Access::Person, || {
        web::to(passkeys::remove)
    }),
    Endpoint::get("/account/export", Access::Person, || {
        web::to(export::download)
    }),
    Endpoint::get("/account/delete", Access::Person, || web::to(delete::show)),
    Endpoint::post("/account/delete", Access::Person, || {
        web::to(delete::submit)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}
