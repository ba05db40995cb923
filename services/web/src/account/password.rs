use crate::{
    extract::{Answer, Caller, Fields, FormBody, Known, Person, Visitor},
    page::{Flash, Page, Shell},
    problem::Problem,
    session,
    sheet::Sheet,
};
use actix_web::HttpResponse;
use batchtrack_core::{identity, kernel::Kind};

const FIELDS: [&str; 2] = ["current_password", "password"];

#[derive(askama::Template)]
#[template(path = "account/password.html")]
struct PasswordPage {
    shell: Shell,
    username: String,
    sheet: Sheet,
}

pub(super) async fn show(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    page(&person, &known, Sheet::of(&FIELDS, Fields::default()))
}

/// Everybody is signed out by it; whoever sits here goes on under a new session.
pub(super) async fn submit(
    person: Person,
    visitor: Visitor,
    form: FormBody,
) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    match change(&person, &form.fields).await {
        Ok(epoch) => {
            let caller = Caller {
                epoch,
                ..person.caller
            };
            session::clear_away(person.app(), caller.user).await;
            visitor.enter(caller).await?;
            let flash =
                Flash::success("Your password is changed. All other devices are signed out.");
            Ok(person.answer(Answer::redirect("/account/password").flash(flash)))
        }
        Err(problem) if shows(&person, &problem) => {
            let sheet = Sheet::refused(&FIELDS, Fields::default(), problem);
            page(&person, &known, sheet)
        }
        Err(problem) => Err(problem),
    }
}

async fn change(person: &Person, fields: &Fields) -> Result<i32, Problem> {
    let app = person.app();
    let current = fields.get("current_password").unwrap_or_default();
    let new = fields.get("password").unwrap_or_default();
    app.breached.refuse(new).await?;
    Ok(identity::change_password(
        &app.system,
        &app.accounts,
        person.caller.user,
        current.into(),
        new.into(),
        &person.meta.id,
    )
    .await?)
}

/// Whether the page is shown again with what is wrong; "too often" stands there as well.
pub(super) fn shows(person: &Person, problem: &Problem) -> bool {
    let limited = problem.kind() == Kind::Limited && !person.meta.wants_json();
    limited || person.shows_again(problem)
}

fn page(person: &Person, known: &Known, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(PasswordPage {
        shell: person.shell(known),
        username: known.account.username.clone(),
        sheet,
    })
    .with_forms(refused)
}
