//! The front door.
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

pub fn pages(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/").route(web::get().to(home)));
}

#[derive(askama::Template)]
#[template(path = "home/home.html")]
struct Home {
    shell: Shell,
}

async fn home(visitor: Visitor) -> Result<HttpResponse, Problem> {
    if visitor.member.is_some() {
        return Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, "/user_dashboard"))
            .finish());
    }
    Page(Home {
        shell: visitor.shell(),
    })
    .into_response()
}
