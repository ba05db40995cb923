//! What is kept while a browser asks its owner for a passkey: in Redis, for minutes, and taken out once.
use super::{Visit, unavailable};
use crate::{app::App, problem::Problem};
use batchtrack_core::identity::IdentityError;
use bb8_redis::redis::cmd;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

const SECONDS: u64 = 300;

/// One for each session and purpose; a newer one takes the place of the older.
pub(crate) async fn keep(
    app: &App,
    visit: &Visit,
    purpose: &str,
    begun: &impl Serialize,
) -> Result<(), Problem> {
    let text =
        serde_json::to_string(begun).map_err(|error| Problem::internal(error.to_string()))?;
    let mut set = cmd("SET");
    set.arg(key(app, visit, purpose)?)
        .arg(text)
        .arg("EX")
        .arg(SECONDS);
    app.redis
        .query::<()>(&set)
        .await
        .map_err(|error| unavailable().because(error))
}

pub(crate) async fn take<T: DeserializeOwned>(
    app: &App,
    visit: &Visit,
    purpose: &str,
) -> Result<T, Problem> {
    let mut take = cmd("GETDEL");
    take.arg(key(app, visit, purpose)?);
    let text: Option<String> = app
        .redis
        .query(&take)
        .await
        .map_err(|error| unavailable().because(error))?;
    let text = text.ok_or(IdentityError::BadPasskey)?;
    serde_json::from_str(&text).map_err(|error| Problem::internal(error.to_string()))
}

/// By what only this session has, so that nobody answers for another.
fn key(app: &App, visit: &Visit, purpose: &str) -> Result<String, Problem> {
    let secret = visit.ensure_csrf()?;
    let hash = hex::encode(Sha256::digest(secret.as_bytes()));
    Ok(app.redis.key("passkey", &format!("{purpose}:{hash}")))
}
