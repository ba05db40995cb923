//! Which letters somebody wants, as they say when signed in.
use super::views::described;
use crate::{
    extract::{FormBody, Person},
    middleware::flash,
    page::{Flash, Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, http::header};
use batchtrack_core::mail::{self, LetterKind};

#[derive(askama::Template)]
#[template(path = "mail/preferences.html")]
struct PreferencesPage {
    shell: Shell,
    email: String,
    choices: Vec<Choice>,
}

struct Choice {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    wanted: bool,
}

pub(super) async fn show(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let mut tx = person.app().system.begin().await?;
    let choices = mail::preferences(&mut tx, person.caller.user)
        .await?
        .into_iter()
        .map(|(kind, wanted)| {
            let (label, hint) = described(kind);
            Choice {
                name: kind.as_str(),
                label,
                hint,
                wanted,
            }
        })
        .collect();
    Page(PreferencesPage {
        shell: person.shell(&known),
        email: known.account.email,
        choices,
    })
    .into_response()
}

/// A box that is not ticked is not sent, so what is missing is not wanted.
pub(super) async fn submit(person: Person, form: FormBody) -> Result<HttpResponse, Problem> {
    // They may have been removed meanwhile.
    drop(person.known().await?);
    let mut tx = person.app().system.begin().await?;
    for kind in LetterKind::optional() {
        let wanted = form.fields.filled(kind.as_str()).is_some();
        mail::set_preference(&mut tx, person.caller.user, kind, wanted).await?;
    }
    tx.commit().await?;
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, "/account/letters"));
    let message = Flash::success("Saved. We keep to it from the next letter on.");
    if let Some(cookie) = flash::cookie(&message, person.app(), &person.meta) {
        response.cookie(cookie);
    }
    Ok(response.finish())
}
