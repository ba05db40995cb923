//! Whoever guesses has to wait, and programs that fill in everything are told nothing.
use crate::{
    app::App,
    extract::{Fields, Meta},
    middleware::{client, flood::bucket, quota::in_words},
    problem::{Problem, whole_seconds},
};
use batchtrack_core::{
    kernel::Kind,
    platform::quota::{Attempt, TooSoon},
};

/// Counts an attempt to prove that one is `name`: a user name or an address, known or not. To be called
/// before a password, a code or anything else that can be guessed is looked at; and once it was right,
/// [`Attempt::succeeded`].
pub(crate) async fn attempt(app: &App, meta: &Meta, name: &str) -> Result<Attempt, Problem> {
    let trusted = &app.settings.http.trusted_clients;
    let address = meta
        .client
        .filter(|address| !client::contains(trusted, *address))
        .map(bucket);
    app.limiter.attempt(name, address).await.map_err(too_soon)
}

fn too_soon(TooSoon { wait }: TooSoon) -> Problem {
    Problem::new(
        Kind::Limited,
        "auth.throttled",
        format!(
            "That went wrong too often. Try again in {}.",
            in_words(whole_seconds(wait))
        ),
    )
    .retry_after(wait)
}

/// The field of public forms that people do not see and programs fill in. Whoever did gets the answer
/// that everybody gets, and nothing happens.
pub(crate) fn is_trapped(fields: &Fields) -> bool {
    fields.filled("website").is_some()
}
