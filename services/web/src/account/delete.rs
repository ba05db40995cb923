use super::password::shows;
use crate::{
    extract::{Answer, Fields, FormBody, Known, Person},
    page::{Flash, Page, Shell},
    problem::Problem,
    session,
    sheet::Sheet,
};
use actix_web::HttpResponse;
use batchtrack_core::identity::{self, Farewell};

const FIELDS: [&str; 1] = ["current_password"];

#[derive(askama::Template)]
#[template(path = "account/delete.html")]
struct DeletePage {
    shell: Shell,
    farewell: Farewell,
    sheet: Sheet,
}

pub(super) async fn show(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    page(&person, &known, Sheet::of(&FIELDS, Fields::default())).await
}

pub(super) async fn submit(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let (app, user) = (person.app(), person.caller.user);
    let password = form.fields.get("current_password").unwrap_or_default();
    let id = &person.meta.id;
    let closed =
        identity::close_account(&app.system, &app.accounts, user, password.into(), id).await;
    match closed.map_err(Problem::from) {
        Ok(()) => {
            session::clear_away(app, user).await;
            person.visit.sign_out();
            let flash = Flash::success("Your account is deleted.");
            Ok(person.answer(Answer::redirect("/auth/login").flash(flash)))
        }
        Err(problem) if shows(&person, &problem) => {
            let sheet = Sheet::refused(&FIELDS, Fields::default(), problem);
            page(&person, &known, sheet).await
        }
        Err(problem) => Err(problem),
    }
}

async fn page(person: &Person, known: &Known, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let farewell = identity::farewell(&person.app().system, person.caller.user).await?;
    let refused = sheet.is_refused();
    Page(DeletePage {
        shell: person.shell(known),
        farewell,
        sheet,
    })
    .with_forms(refused)
}
