//! The link at the end of a letter. It works without signing in, for mail programs by one POST
//! (RFC 8058); a mere look at it changes nothing, for scanners look at every link.
use super::views::described;
use crate::{
    app::App,
    extract::Visitor,
    page::{Page, Shell},
    problem::Problem,
};
use actix_web::{HttpResponse, web::Path};
use batchtrack_core::{
    kernel::ids::UserId,
    mail::{self, LetterKind, UnsubscribeLinks},
    platform::seal::Keyring,
};

#[derive(askama::Template)]
#[template(path = "mail/unsubscribe.html")]
struct UnsubscribePage {
    shell: Shell,
    token: String,
    letters: &'static str,
    step: Step,
}

#[derive(PartialEq, Eq)]
enum Step {
    Ask,
    Stopped,
    Again,
}

pub(super) async fn ask(visitor: Visitor, token: Path<String>) -> Result<HttpResponse, Problem> {
    let (_, kind) = read(&visitor.app, &token)?;
    page(&visitor, token.into_inner(), kind, Step::Ask)
}

/// Answers with a page and not with a redirect: mail programs follow none.
pub(super) async fn stop(visitor: Visitor, token: Path<String>) -> Result<HttpResponse, Problem> {
    let kind = set(&visitor.app, &token, false).await?;
    page(&visitor, token.into_inner(), kind, Step::Stopped)
}

pub(super) async fn again(visitor: Visitor, token: Path<String>) -> Result<HttpResponse, Problem> {
    let kind = set(&visitor.app, &token, true).await?;
    page(&visitor, token.into_inner(), kind, Step::Again)
}

async fn set(app: &App, token: &str, wanted: bool) -> Result<LetterKind, Problem> {
    let (user, kind) = read(app, token)?;
    let mut tx = app.system.begin().await?;
    mail::set_preference(&mut tx, user, kind, wanted)
        .await
        .map_err(|error| match error.constraint() {
            // Letters outlive accounts.
            Some("mail_preferences_user_id_fkey") => Problem::not_found(),
            _ => error.into(),
        })?;
    tx.commit().await?;
    Ok(kind)
}

fn read(app: &App, token: &str) -> Result<(UserId, LetterKind), Problem> {
    let keys = Keyring::new(app.settings.http.secret_key.as_ref())
        .map_err(|error| Problem::internal(error.to_string()))?;
    UnsubscribeLinks::new(&keys)
        .read(token)
        .ok_or_else(Problem::not_found)
}

fn page(
    visitor: &Visitor,
    token: String,
    kind: LetterKind,
    step: Step,
) -> Result<HttpResponse, Problem> {
    let (letters, _) = described(kind);
    Page(UnsubscribePage {
        shell: visitor.shell(),
        token,
        letters,
        step,
    })
    .into_response()
}
