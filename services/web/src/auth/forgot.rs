use super::code::address;
use crate::{
    extract::{Fields, FormBody, Visitor},
    page::{Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::HttpResponse;
use batchtrack_core::{identity, kernel::Kind};

const FIELDS: [&str; 1] = ["email"];

#[derive(askama::Template)]
#[template(path = "auth/forgot.html")]
struct ForgotPage {
    shell: Shell,
    sheet: Sheet,
    /// Where a letter goes, if there is such an account.
    sent_to: Option<String>,
    has_mail: bool,
}

pub(super) async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    page(&visitor, Sheet::of(&FIELDS, Fields::default()), None)
}

/// Answers the same for every address.
pub(super) async fn submit(visitor: Visitor, form: FormBody) -> Result<HttpResponse, Problem> {
    match send(&visitor, &form.fields).await {
        Ok(email) => {
            let sheet = Sheet::of(&FIELDS, Fields::default());
            page(&visitor, sheet, Some(email))
        }
        Err(problem) if problem.is_mendable() || problem.kind() == Kind::Limited => page(
            &visitor,
            Sheet::refused(&FIELDS, form.fields, problem),
            None,
        ),
        Err(problem) => Err(problem),
    }
}

async fn send(visitor: &Visitor, fields: &Fields) -> Result<String, Problem> {
    let email = address(fields)?;
    let (app, id) = (&visitor.app, &visitor.meta.id);
    identity::request_reset(&app.system, &app.accounts, &email, id).await?;
    Ok(email.as_str().to_owned())
}

fn page(visitor: &Visitor, sheet: Sheet, sent_to: Option<String>) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(ForgotPage {
        shell: visitor.shell_with_form()?,
        sheet,
        sent_to,
        has_mail: visitor.app.settings.sends_mail(),
    })
    .with_forms(refused)
}
