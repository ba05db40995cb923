use super::{
    forms,
    zones::{self, Region},
};
use crate::{
    extract::{Answer, Fields, FormBody, Known, Person},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
};
use actix_web::HttpResponse;
use batchtrack_core::identity;

const FIELDS: [&str; 3] = ["first_name", "last_name", "timezone"];

#[derive(askama::Template)]
#[template(path = "account/account.html")]
struct AccountPage {
    shell: Shell,
    username: String,
    organization: String,
    role: &'static str,
    hint: String,
    sheet: Sheet,
    regions: Vec<Region>,
}

pub(super) async fn show(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let typed = Fields::of([
        ("first_name", known.account.first_name.clone()),
        ("last_name", known.account.last_name.clone()),
        ("timezone", known.account.timezone.clone()),
    ]);
    page(&person, &known, Sheet::of(&FIELDS, typed))
}

pub(super) async fn save(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    let fields = form.fields;
    let known = person.known().await?;
    let done = match forms::profile(&fields) {
        Ok(profile) => {
            let (system, id) = (&person.app().system, &person.meta.id);
            identity::change_profile(system, person.caller.user, &profile, id)
                .await
                .map_err(Problem::from)
        }
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => Ok(person.answer(Answer::redirect("/account").flash(Flash::success("Saved.")))),
        Err(problem) if person.shows_again(&problem) => {
            page(&person, &known, Sheet::refused(&FIELDS, fields, problem))
        }
        Err(problem) => Err(problem),
    }
}

fn page(person: &Person, known: &Known, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let account = &known.account;
    let times = person.times(known);
    let refused = sheet.is_refused();
    Page(AccountPage {
        shell: person.shell(known),
        username: account.username.clone(),
        organization: known
            .here
            .as_ref()
            .map_or("None", |here| &here.name)
            .to_owned(),
        role: match &known.here {
            Some(here) if here.is_owner => "Owner",
            Some(_) => "Member",
            None => "None",
        },
        hint: format!(
            "Every time is shown in it. By the saved one it is {}.",
            times.moment(times.now()).text
        ),
        regions: zones::regions(sheet.text("timezone"), times.now()),
        sheet,
    })
    .with_forms(refused)
}
