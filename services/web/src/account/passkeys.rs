use crate::{
    extract::{Answer, JsonBody, Person},
    middleware::flash,
    page::{Flash, Page, Shell},
    problem::Problem,
    session::ceremony,
    times::Moment,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    identity::{self, RegisterPublicKeyCredential, Registering},
    kernel::{ids::PasskeyId, text},
};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

const LONGEST_NAME: usize = 64;

#[derive(askama::Template)]
#[template(path = "account/passkeys.html")]
struct PasskeysPage {
    shell: Shell,
    keys: Vec<Key>,
    has_passkeys: bool,
}

struct Key {
    id: PasskeyId,
    name: String,
    added: Moment,
    used: Option<Moment>,
}

/// A key opens the account for as long as it lasts, so an open session alone adds none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    current_password: SecretString,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Finish {
    name: String,
    answer: RegisterPublicKeyCredential,
}

pub(super) async fn show(person: Person) -> Result<HttpResponse, Problem> {
    let known = person.known().await?;
    let (app, times) = (person.app(), person.times(&known));
    let keys = identity::passkeys(&app.system, person.caller.user).await?;
    let keys = keys.into_iter().map(|key| Key {
        id: key.id,
        name: key.name,
        added: times.moment(key.created_at),
        used: key.last_used_at.map(|at| times.moment(at)),
    });
    Page(PasskeysPage {
        shell: person.shell(&known),
        keys: keys.collect(),
        has_passkeys: app.accounts.has_passkeys(),
    })
    .into_response()
}

pub(super) async fn begin(person: Person, body: JsonBody<Begin>) -> Result<HttpResponse, Problem> {
    drop(person.known().await?);
    let (app, user) = (person.app(), person.caller.user);
    let password = &body.value.current_password;
    identity::confirm_password(&app.system, &app.accounts, user, password).await?;
    let (asked, begun) = identity::begin_passkey(&app.system, &app.accounts, user).await?;
    ceremony::keep(app, &person.visit, "register", &begun).await?;
    Ok(HttpResponse::Ok().json(asked))
}

pub(super) async fn finish(
    person: Person,
    body: JsonBody<Finish>,
) -> Result<HttpResponse, Problem> {
    drop(person.known().await?);
    let Finish { name, answer } = body.value;
    let name = text::line(&name, LONGEST_NAME).map_err(|error| {
        let detail = format!("The name {error}.");
        Problem::invalid("request.bad_text", detail.clone()).field("name", detail)
    })?;
    let (app, user) = (person.app(), person.caller.user);
    let begun: Registering = ceremony::take(app, &person.visit, "register").await?;
    let id = &person.meta.id;
    identity::add_passkey(&app.system, &app.accounts, user, &name, &begun, &answer, id).await?;
    let mut response = HttpResponse::Ok();
    let done = Flash::success(format!("The passkey “{name}” is added."));
    if let Some(cookie) = flash::cookie(&done, app, &person.meta) {
        response.cookie(cookie);
    }
    Ok(response.json(json!({ "location": "/account/passkeys" })))
}

pub(super) async fn remove(person: Person, id: Path<PasskeyId>) -> Result<HttpResponse, Problem> {
    drop(person.known().await?);
    let (app, user) = (person.app(), person.caller.user);
    let removed = identity::remove_passkey(&app.system, user, *id, &person.meta.id).await?;
    if !removed {
        return Err(Problem::not_found());
    }
    let flash = Flash::success("The passkey is removed. Delete it on your device as well.");
    Ok(person.answer(Answer::redirect("/account/passkeys").flash(flash)))
}
