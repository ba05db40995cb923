use super::{admission, to};
use crate::{
    extract::{Fields, FormBody, Visitor},
    middleware::flash,
    page::{Flash, Page, Shell},
    problem::Problem,
    session::Step,
    sheet::Sheet,
};
use actix_web::HttpResponse;
use batchtrack_core::{
    identity::{self, Halfway, Wanted},
    kernel::Kind,
};

const FIELDS: [&str; 2] = ["code", "current_password"];

#[derive(askama::Template)]
#[template(path = "auth/second_step.html")]
struct SecondStepPage {
    shell: Shell,
    wants_app: bool,
    wants_mail: bool,
    sheet: Sheet,
}

pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    match halfway(&visitor) {
        Some((halfway, _)) => page(&visitor, halfway, Sheet::of(&FIELDS, Fields::default())),
        None => Ok(to("/auth/login")),
    }
}

pub(super) async fn submit(visitor: Visitor, form: FormBody) -> Result<HttpResponse, Problem> {
    let Some((halfway, next)) = halfway(&visitor) else {
        return Ok(over(&visitor));
    };
    let (app, fields) = (&visitor.app, form.fields);
    let typed = fields
        .filled("code")
        .or_else(|| fields.get("current_password"));
    let typed = typed.unwrap_or_default().to_owned();
    let ticket = visitor.visit.ensure_ticket()?;
    let entered = identity::second_step(
        &app.system,
        &app.accounts,
        &halfway,
        &ticket,
        typed.into(),
        &visitor.meta.id,
    )
    .await
    .map_err(Problem::from);
    match entered {
        Ok(who) => admission::enter(&visitor, who, &next).await,
        Err(problem) if problem.kind() == Kind::Unauthenticated => Ok(over(&visitor)),
        Err(problem) if problem.is_mendable() || problem.kind() == Kind::Limited => {
            // What was typed is worth nothing any more.
            let sheet = Sheet::refused(&FIELDS, Fields::default(), problem);
            page(&visitor, halfway, sheet)
        }
        Err(problem) => Err(problem),
    }
}

/// Mails another code.
pub(super) async fn send(visitor: Visitor) -> Result<HttpResponse, Problem> {
    let Some((halfway, _)) = halfway(&visitor) else {
        return Ok(over(&visitor));
    };
    let (app, ticket) = (&visitor.app, visitor.visit.ensure_ticket()?);
    let id = &visitor.meta.id;
    let sent = identity::mail_second_code(&app.system, &app.accounts, &halfway, &ticket, id).await;
    let flash = match sent.map_err(Problem::from) {
        Ok(true) => Flash::success("A new code is on its way. Only the newest works."),
        Ok(false) => Flash::warning(
            "A code was sent a moment ago. Look for it, or wait half a minute; five an hour are sent.",
        ),
        Err(problem) if problem.kind() == Kind::Unauthenticated => return Ok(over(&visitor)),
        Err(problem) => return Err(problem),
    };
    Ok(with_flash(&visitor, to("/auth/second-step"), &flash))
}

fn halfway(visitor: &Visitor) -> Option<(Halfway, String)> {
    let between = visitor.visit.between()?;
    match between.step {
        Step::SecondFactor(halfway) => Some((halfway, between.next)),
        Step::Letter { .. } | Step::Code { .. } => None,
    }
}

fn over(visitor: &Visitor) -> HttpResponse {
    visitor.visit.forget_between();
    let flash =
        Flash::warning("You have waited too long, or something was changed. Sign in again.");
    with_flash(visitor, to("/auth/login"), &flash)
}

pub(super) fn with_flash(
    visitor: &Visitor,
    mut response: HttpResponse,
    flash: &Flash,
) -> HttpResponse {
    if let Some(cookie) = flash::cookie(flash, &visitor.app, &visitor.meta) {
        // The name and value are ours, so the header is always well formed.
        let _ = response.add_cookie(&cookie);
    }
    response
}

fn page(visitor: &Visitor, halfway: Halfway, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(SecondStepPage {
        shell: visitor.shell_with_form()?,
        wants_app: halfway.wanted() == Wanted::Totp,
        wants_mail: halfway.wanted() == Wanted::EmailCode,
        sheet,
    })
    .with_forms(refused)
}
