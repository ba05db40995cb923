use super::{actor_of, organization::switch};
use crate::{
    extract::{Answer, FormBody, Person},
    page::{Flash, Page, Shell},
    problem::Problem,
};
use actix_web::HttpResponse;
use batchtrack_core::operators::{self, FlagRow};

#[derive(askama::Template)]
#[template(path = "operator/flags.html")]
struct FlagsPage {
    shell: Shell,
    rows: Vec<FlagRow>,
}

pub(super) async fn show(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let mut tx = person.app().system.begin().await?;
    let rows = operators::flags(&mut tx, None).await?;
    Page(FlagsPage {
        shell: person.shell(&known),
        rows,
    })
    .into_response()
}

pub(super) async fn set(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let by = actor_of(&person, &known);
    let fields = form.fields;
    let to = switch(fields.text("to"));
    operators::set_flag(&person.app().system, &by, fields.text("flag"), None, to).await?;
    let words = "Switched. It takes up to five seconds to count everywhere.";
    Ok(person.answer(Answer::redirect("/operator/flags").flash(Flash::success(words))))
}
