//! Signing in with a passkey: two requests of a script, and the browser's own question between them.
use super::admission;
use crate::{
    extract::{JsonBody, Visitor},
    problem::Problem,
    session::ceremony,
};
use actix_web::{HttpResponse, http::header};
use batchtrack_core::identity::{self, PublicKeyCredential, Recognising};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    /// A user name or address, where one was typed.
    #[serde(default)]
    username: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Finish {
    answer: PublicKeyCredential,
    #[serde(default)]
    next: String,
}

pub(super) async fn begin(
    visitor: Visitor,
    body: JsonBody<Begin>,
) -> Result<HttpResponse, Problem> {
    let app = &visitor.app;
    let name = Some(body.value.username.trim()).filter(|name| !name.is_empty());
    let (asked, begun) = identity::begin_recognising(&app.system, &app.accounts, name).await?;
    ceremony::keep(app, &visitor.visit, "sign-in", &begun).await?;
    Ok(HttpResponse::Ok().json(asked))
}

/// Says where to go on, which is what a form's answer would say with its status.
pub(super) async fn finish(
    visitor: Visitor,
    body: JsonBody<Finish>,
) -> Result<HttpResponse, Problem> {
    let app = &visitor.app;
    let begun: Recognising = ceremony::take(app, &visitor.visit, "sign-in").await?;
    let Finish { answer, next } = body.value;
    let id = &visitor.meta.id;
    let admitted =
        identity::sign_in_by_passkey(&app.system, &app.accounts, begun, &answer, id).await?;
    let answer = admission::follow(&visitor, admitted, &next).await?;
    let location = answer.headers().get(header::LOCATION);
    let location = location.and_then(|value| value.to_str().ok());
    Ok(HttpResponse::Ok().json(json!({ "location": location })))
}
