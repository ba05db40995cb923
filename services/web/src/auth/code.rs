//! Signing in by a code that comes by e-mail.
use super::{admission, onward, sign_in::Next, to};
use crate::{
    extract::{Fields, FormBody, Visitor},
    page::{Page, Shell},
    problem::Problem,
    session::{Between, Step},
    sheet::Sheet,
    typed::Typed,
};
use actix_web::{HttpResponse, web::Query};
use batchtrack_core::{
    identity,
    kernel::{Kind, text::Email},
};

const ASK_FIELDS: [&str; 1] = ["email"];
const FIELDS: [&str; 1] = ["code"];

#[derive(askama::Template)]
#[template(path = "auth/code_ask.html")]
struct AskPage {
    shell: Shell,
    next: String,
    sheet: Sheet,
}

#[derive(askama::Template)]
#[template(path = "auth/code_enter.html")]
struct EnterPage {
    shell: Shell,
    email: String,
    next: String,
    sheet: Sheet,
}

pub(super) async fn ask(visitor: Visitor, query: Query<Next>) -> Result<HttpResponse, Problem> {
    if visitor.caller.is_some() {
        return Ok(onward(&query.next));
    }
    ask_page(
        &visitor,
        &query.next,
        Sheet::of(&ASK_FIELDS, Fields::default()),
    )
}

/// Answers the same for every address.
pub(super) async fn send(visitor: Visitor, form: FormBody) -> Result<HttpResponse, Problem> {
    let next = form.fields.text("next").to_owned();
    match mail(&visitor, &form.fields, &next).await {
        Ok(()) => Ok(to("/auth/code/enter")),
        Err(problem) if problem.is_mendable() || problem.kind() == Kind::Limited => {
            let sheet = Sheet::refused(&ASK_FIELDS, form.fields, problem);
            ask_page(&visitor, &next, sheet)
        }
        Err(problem) => Err(problem),
    }
}

async fn mail(visitor: &Visitor, fields: &Fields, next: &str) -> Result<(), Problem> {
    let email = address(fields)?;
    let (app, ticket) = (&visitor.app, visitor.visit.ensure_ticket()?);
    let id = &visitor.meta.id;
    identity::request_code(&app.system, &app.accounts, &email, &ticket, id).await?;
    visitor.visit.put_between(&Between {
        step: Step::Code {
            email: email.as_str().to_owned(),
        },
        next: next.to_owned(),
    })
}

/// The address in the field `email`.
pub(super) fn address(fields: &Fields) -> Result<Email, Problem> {
    let mut typed = Typed::new(fields);
    let parsed = fields.text("email").parse::<Email>();
    let parsed = parsed.map_err(|_unlike| "Enter an e-mail address such as ana@example.com");
    let email = typed.keep("email", parsed);
    typed.finish(email)
}

pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    match sent_to(&visitor) {
        Some((email, next)) => {
            enter_page(&visitor, email, next, Sheet::of(&FIELDS, Fields::default()))
        }
        None => Ok(to("/auth/code")),
    }
}

pub(super) async fn submit(visitor: Visitor, form: FormBody) -> Result<HttpResponse, Problem> {
    let (Some((email, next)), Some(ticket)) = (sent_to(&visitor), visitor.visit.ticket()) else {
        return Ok(to("/auth/code"));
    };
    let (app, code) = (&visitor.app, form.fields.text("code"));
    let id = &visitor.meta.id;
    let admitted = identity::sign_in_by_code(&app.system, &app.accounts, &ticket, code, id)
        .await
        .map_err(Problem::from);
    match admitted {
        Ok(admitted) => admission::follow(&visitor, admitted, &next).await,
        Err(problem) if problem.is_mendable() => {
            let sheet = Sheet::refused(&FIELDS, form.fields, problem);
            enter_page(&visitor, email, next, sheet)
        }
        Err(problem) => Err(problem),
    }
}

fn sent_to(visitor: &Visitor) -> Option<(String, String)> {
    let between = visitor.visit.between()?;
    match between.step {
        Step::Code { email } => Some((email, between.next)),
        Step::Letter { .. } | Step::SecondFactor(_) => None,
    }
}

fn ask_page(visitor: &Visitor, next: &str, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(AskPage {
        shell: visitor.shell_with_form()?,
        next: next.to_owned(),
        sheet,
    })
    .with_forms(refused)
}

fn enter_page(
    visitor: &Visitor,
    email: String,
    next: String,
    sheet: Sheet,
) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(EnterPage {
        shell: visitor.shell_with_form()?,
        email,
        next,
        sheet,
    })
    .with_forms(refused)
}
