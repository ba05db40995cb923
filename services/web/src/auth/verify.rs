use super::{DASHBOARD, admission};
use crate::{
    extract::{Fields, FormBody, Visitor},
    page::{Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::{HttpResponse, http::StatusCode, web::Path};
use batchtrack_core::{
    identity::{self, Link, LinkPurpose, Token},
    kernel::Kind,
};

const FIELDS: [&str; 1] = ["current_password"];

#[derive(askama::Template)]
#[template(path = "auth/verify.html")]
struct VerifyPage {
    shell: Shell,
    token: String,
    email: String,
    sheet: Sheet,
}

/// What stands where a link led nowhere.
#[derive(askama::Template)]
#[template(path = "auth/bad_link.html")]
struct BadLinkPage {
    shell: Shell,
    detail: String,
    way_out: WayOut,
}

/// Where to get a new link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WayOut {
    SignIn,
    Reset,
    Account,
}

/// Scanners look at every link of a letter, so a look uses nothing up.
pub(super) async fn show(visitor: Visitor, token: Path<String>) -> Result<HttpResponse, Problem> {
    match look(&visitor, &token, LinkPurpose::VerifyAddress).await {
        Ok(link) => page(
            &visitor,
            &token,
            link,
            Sheet::of(&FIELDS, Fields::default()),
        ),
        Err(problem) => bad_link(&visitor, problem, WayOut::SignIn),
    }
}

pub(super) async fn submit(
    visitor: Visitor,
    token: Path<String>,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let (app, id) = (&visitor.app, &visitor.meta.id);
    let password = form.fields.get("current_password").unwrap_or_default();
    let followed = Token::received(&token);
    let admitted =
        identity::prove_address(&app.system, &app.accounts, &followed, password.into(), id)
            .await
            .map_err(Problem::from);
    match admitted {
        Ok(admitted) => admission::follow(&visitor, admitted, DASHBOARD).await,
        Err(problem) if problem.is_mendable() || problem.kind() == Kind::Limited => {
            let link = look(&visitor, &token, LinkPurpose::VerifyAddress).await?;
            let sheet = Sheet::refused(&FIELDS, Fields::default(), problem);
            page(&visitor, &token, link, sheet)
        }
        Err(problem) => bad_link(&visitor, problem, WayOut::SignIn),
    }
}

pub(super) async fn look(
    visitor: &Visitor,
    token: &str,
    purpose: LinkPurpose,
) -> Result<Link, Problem> {
    let token = Token::received(token);
    Ok(identity::look_at_link(&visitor.app.system, &token, purpose).await?)
}

/// A page that says where to get another link; any other trouble as it is.
pub(super) fn bad_link(
    visitor: &Visitor,
    problem: Problem,
    way_out: WayOut,
) -> Result<HttpResponse, Problem> {
    if problem.kind() != Kind::NotFound {
        return Err(problem);
    }
    Page(BadLinkPage {
        shell: visitor.shell(),
        detail: problem.detail().into_owned(),
        way_out,
    })
    .with_status(StatusCode::NOT_FOUND)
}

fn page(visitor: &Visitor, token: &str, link: Link, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(VerifyPage {
        shell: visitor.shell_with_form()?,
        token: token.to_owned(),
        email: link.email,
        sheet,
    })
    .with_forms(refused)
}
