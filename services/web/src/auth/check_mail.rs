use super::{second_step::with_flash, to};
use crate::{
    extract::Visitor,
    page::{Flash, Page, Shell},
    problem::Problem,
    session::Step,
};
use actix_web::HttpResponse;
use batchtrack_core::{identity, kernel::Kind};

#[derive(askama::Template)]
#[template(path = "auth/check_mail.html")]
struct CheckMailPage {
    shell: Shell,
    email: String,
}

pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    let Some(email) = awaited(&visitor) else {
        return Ok(to("/auth/login"));
    };
    Page(CheckMailPage {
        shell: visitor.shell_with_form()?,
        email,
    })
    .into_response()
}

/// Sends the letter once more. Only an address that this session has given gets one.
pub(super) async fn again(visitor: Visitor) -> Result<HttpResponse, Problem> {
    let Some(address) = awaited(&visitor).and_then(|email| email.parse().ok()) else {
        return Ok(to("/auth/login"));
    };
    let (app, id) = (&visitor.app, &visitor.meta.id);
    let sent = identity::request_proof(&app.system, &app.accounts, &address, id).await;
    let flash = match sent.map_err(Problem::from) {
        Ok(()) => Flash::success("Sent again. It may take a minute."),
        Err(problem) if problem.kind() == Kind::Limited => Flash::warning(problem.detail()),
        Err(problem) => return Err(problem),
    };
    Ok(with_flash(&visitor, to("/auth/check-mail"), &flash))
}

fn awaited(visitor: &Visitor) -> Option<String> {
    match visitor.visit.between()?.step {
        Step::Letter { email } => Some(email),
        Step::Code { .. } | Step::SecondFactor(_) => None,
    }
}
