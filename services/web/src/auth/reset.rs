use super::{
    second_step::with_flash,
    to,
    verify::{WayOut, bad_link, look},
};
use crate::{
    extract::{Fields, FormBody, Visitor},
    page::{Flash, Page, Shell},
    problem::Problem,
    session,
    sheet::Sheet,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::identity::{self, Link, LinkPurpose, Token};

const FIELDS: [&str; 1] = ["password"];

#[derive(askama::Template)]
#[template(path = "auth/reset.html")]
struct ResetPage {
    shell: Shell,
    token: String,
    email: String,
    sheet: Sheet,
}

/// Scanners look at every link of a letter, so a look uses nothing up.
pub(super) async fn show(visitor: Visitor, token: Path<String>) -> Result<HttpResponse, Problem> {
    match look(&visitor, &token, LinkPurpose::ResetPassword).await {
        Ok(link) => page(
            &visitor,
            &token,
            link,
            Sheet::of(&FIELDS, Fields::default()),
        ),
        Err(problem) => bad_link(&visitor, problem, WayOut::Reset),
    }
}

/// Signs nobody in: whoever has the letter has not shown what else the account asks for.
pub(super) async fn submit(
    visitor: Visitor,
    token: Path<String>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    match reset(&visitor, &token, &form.fields).await {
        Ok(()) => {
            visitor.visit.sign_out();
            let flash = Flash::success("Your password is changed. Sign in with the new one.");
            Ok(with_flash(&visitor, to("/auth/login"), &flash))
        }
        Err(problem) if problem.is_mendable() => {
            let link = look(&visitor, &token, LinkPurpose::ResetPassword).await?;
            let sheet = Sheet::refused(&FIELDS, Fields::default(), problem);
            page(&visitor, &token, link, sheet)
        }
        Err(problem) => bad_link(&visitor, problem, WayOut::Reset),
    }
}

async fn reset(visitor: &Visitor, token: &str, fields: &Fields) -> Result<(), Problem> {
    let app = &visitor.app;
    let password = fields.get("password").unwrap_or_default();
    app.breached.refuse(password).await?;
    let (token, id) = (Token::received(token), &visitor.meta.id);
    let user =
        identity::reset_password(&app.system, &app.accounts, &token, password.into(), id).await?;
    session::clear_away(app, user).await;
    Ok(())
}

fn page(visitor: &Visitor, token: &str, link: Link, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(ResetPage {
        shell: visitor.shell_with_form()?,
        token: token.to_owned(),
        email: link.email,
        sheet,
    })
    .with_forms(refused)
}
