use super::{
    second_step::with_flash,
    to,
    verify::{WayOut, bad_link, look},
};
use crate::{
    extract::Visitor,
    page::{Flash, Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    identity::{self, LinkPurpose, Token},
    kernel::Kind,
};

#[derive(askama::Template)]
#[template(path = "auth/change_email.html")]
struct ChangeEmailPage {
    shell: Shell,
    token: String,
    email: String,
}

/// Scanners look at every link of a letter, so a look uses nothing up.
pub(super) async fn show(visitor: Visitor, token: Path<String>) -> Result<HttpResponse, Problem> {
    match look(&visitor, &token, LinkPurpose::ChangeAddress).await {
        Ok(link) => Page(ChangeEmailPage {
            shell: visitor.shell_with_form()?,
            token: token.into_inner(),
            email: link.email,
        })
        .into_response(),
        Err(problem) => bad_link(&visitor, problem, WayOut::Account),
    }
}

pub(super) async fn submit(visitor: Visitor, token: Path<String>) -> Result<HttpResponse, Problem> {
    let (token, id) = (Token::received(&token), &visitor.meta.id);
    let changed = identity::change_address(&visitor.app.system, &token, id).await;
    match changed.map_err(Problem::from) {
        Ok(email) => {
            let flash = Flash::success(format!("Your address is {email} from now on."));
            let next = if visitor.caller.is_some() {
                "/account/email"
            } else {
                "/auth/login"
            };
            Ok(with_flash(&visitor, to(next), &flash))
        }
        // Somebody else was quicker: then this link leads nowhere.
        Err(problem) if problem.kind() == Kind::Conflict => {
            let gone = Problem::from(identity::IdentityError::BadLink);
            bad_link(&visitor, gone, WayOut::Account)
        }
        Err(problem) => bad_link(&visitor, problem, WayOut::Account),
    }
}
