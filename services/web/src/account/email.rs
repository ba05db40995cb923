use super::password::shows;
use crate::{
    extract::{Answer, Fields, FormBody, Known, Person},
    page::{Flash, Page, Shell},
    problem::Problem,
    sheet::Sheet,
    typed::Typed,
};
use actix_web::HttpResponse;
use batchtrack_core::{
    identity,
    kernel::{Kind, text::Email},
};

const FIELDS: [&str; 2] = ["email", "current_password"];

#[derive(askama::Template)]
#[template(path = "account/email.html")]
struct EmailPage {
    shell: Shell,
    email: String,
    is_proved: bool,
    has_mail: bool,
    sheet: Sheet,
}

pub(super) async fn show(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    page(&person, &known, Sheet::of(&FIELDS, Fields::default()))
}

/// Nothing changes until the letter to the new address is followed.
pub(super) async fn submit(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    match ask(&person, &form.fields).await {
        Ok(email) => {
            let flash = Flash::success(format!(
                "A letter is on its way to {email}. Follow the link in it; until then nothing changes."
            ));
            Ok(person.answer(Answer::redirect("/account/email").flash(flash)))
        }
        Err(problem) if shows(&person, &problem) => {
            let typed = Fields::of([("email", form.fields.text("email").to_owned())]);
            page(&person, &known, Sheet::refused(&FIELDS, typed, problem))
        }
        Err(problem) => Err(problem),
    }
}

/// Sends the link that proves the present address.
pub(super) async fn confirm(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let address: Email = known
        .account
        .email
        .parse()
        .map_err(|_unlike| Problem::internal("an account has no address"))?;
    let (app, id) = (person.app(), &person.meta.id);
    let sent = identity::request_proof(&app.system, &app.accounts, &address, id).await;
    let flash = match sent.map_err(Problem::from) {
        Ok(()) => Flash::success(format!("A letter is on its way to {}.", address.as_str())),
        Err(problem) if problem.kind() == Kind::Limited => Flash::warning(problem.detail()),
        Err(problem) => return Err(problem),
    };
    Ok(person.answer(Answer::redirect("/account/email").flash(flash)))
}

async fn ask(person: &Person, fields: &Fields) -> Result<String, Problem> {
    let mut typed = Typed::new(fields);
    let parsed = fields.text("email").parse::<Email>();
    let parsed = parsed.map_err(|_unlike| "Enter an e-mail address such as ana@example.com");
    let email = typed.keep("email", parsed);
    let email = typed.finish(email)?;
    let (app, user) = (person.app(), person.caller.user);
    let password = fields.get("current_password").unwrap_or_default().into();
    let id = &person.meta.id;
    identity::request_address_change(&app.system, &app.accounts, user, password, &email, id)
        .await?;
    Ok(email.as_str().to_owned())
}

fn page(person: &Person, known: &Known, sheet: Sheet) -> Result<HttpResponse, Problem> {
    let refused = sheet.is_refused();
    Page(EmailPage {
        shell: person.shell(known),
        email: known.account.email.clone(),
        is_proved: known.account.is_proved,
        has_mail: person.app().settings.sends_mail(),
        sheet,
    })
    .with_forms(refused)
}
