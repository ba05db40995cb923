//! Sessions: what one holds, where they are kept and how their cookie is called.
mod browser;
pub(crate) mod ceremony;
mod cookies;
mod index;
mod pages;
mod store;
mod visit;

pub(crate) use self::{
    browser::Browser,
    cookies::Sessions,
    pages::{ENDPOINTS, routes},
    visit::{Between, Entrance, Facts, Step, Visit},
};
use crate::{app::App, problem::Problem};
use batchtrack_core::{
    identity,
    kernel::{Kind, ids::UserId},
};

/// In a state that stands in for one that could not be loaded. Nothing with it is ever saved.
const UNAVAILABLE: &str = "unavailable";
const USER: &str = "user";
const ORGANIZATION: &str = "organization";
/// Of the account when they signed in.
const EPOCH: &str = "epoch";
const CSRF: &str = "csrf";
/// Of an operator who acts as an organisation, and where they go back to.
const STAY: &str = "stay";
const HOME: &str = "home";
/// Why they are not where they were any more, until they have been told.
const LOST: &str = "lost";
/// When they signed in, and when they were last seen, give or take, in Unix seconds.
const SINCE: &str = "since";
const SEEN: &str = "seen";
/// Where they signed in from, and with what.
const ADDRESS: &str = "address";
const BROWSER: &str = "browser";
/// What a session is called before its owner; no secret, and the same for all of its life.
const HANDLE: &str = "handle";
/// Whether the account may have no other beside it.
const ALONE: &str = "alone";
/// Says to the store that this takes the place of one that must still be there.
const MOVED: &str = "moved";

/// Ends every session of somebody, in browsers and apps: the account's number makes those begun before it
/// worthless wherever they lie, and what Redis knows of is deleted as well. Either alone suffices, so
/// one of them may fail.
pub(crate) async fn end_all(app: &App, user: UserId) -> Result<(), Problem> {
    let deleted = index::end(&app.redis, user, |_| true).await;
    if let Err(error) = &deleted {
        tracing::warn!(%error, "sessions are ended by their number alone");
    }
    match identity::end_sessions(&app.system, user).await {
        Ok(()) => Ok(()),
        Err(error) if deleted.is_ok() => {
            tracing::warn!(%error, "sessions are ended by deleting them alone");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Deletes the sessions of somebody whose account has a new number: they are worthless as it is.
pub(crate) async fn clear_away(app: &App, user: UserId) {
    if let Err(error) = index::end(&app.redis, user, |_| true).await {
        tracing::warn!(%error, "sessions are ended by their number alone");
    }
}

/// Ends the sessions of somebody's browsers, for an account that may have one at a time.
pub(crate) async fn end_browsers(app: &App, user: UserId) -> Result<(), Problem> {
    index::end(&app.redis, user, |_| true).await?;
    Ok(())
}

pub(crate) fn unavailable() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "session.unavailable",
        "We can't check who you are just now, so signing in and your workspace have to wait. Nothing is lost. Try again in a few seconds.",
    )
}
