//! The front door.
use crate::endpoint::{Access, Endpoint};
use crate::{
    extract::Visitor,
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{
    HttpResponse,
    http::header,
    web::{self, ServiceConfig},
};

pub(crate) const ENDPOINTS: &[Endpoint] = &[Endpoint::get("/", Access::Public, || web::to(home))];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

#[derive(askama::Template)]
#[template(path = "home/home.html")]
struct Home {
    shell: Shell,
}

async fn home(visitor: Visitor) -> Result<HttpResponse, Problem> {
    if visitor.caller.is_some() {
        return Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, "/user_dashboard"))
            .finish());
    }
    Page(Home {
        shell: visitor.shell(),
    })
    .into_response()
}
