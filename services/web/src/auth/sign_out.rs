use crate::{extract::Visitor, middleware::flash, page::Flash};
use actix_web::{HttpResponse, http::header};

pub(super) async fn submit(visitor: Visitor) -> HttpResponse {
    visitor.visit.sign_out();
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, "/auth/login"));
    let message = Flash::success("You are signed out.");
    if let Some(cookie) = flash::cookie(&message, &visitor.app, &visitor.meta) {
        response.cookie(cookie);
    }
    response.finish()
}
