//! Which sessions somebody has: a set of hashed ids beside the sessions themselves, which hold the
//! facts. Ids of sessions that are over are weeded out whenever somebody looks.
use super::Facts;
use batchtrack_core::{
    kernel::{StoreError, ids::UserId},
    platform::Redis,
};
use bb8_redis::redis::{Pipeline, cmd};
use std::collections::HashMap;

/// What a session is kept as: JSON by the names of what it holds.
pub(super) type State = HashMap<String, String>;

pub(super) fn session_key(redis: &Redis, hash: &str) -> String {
    redis.key("session", hash)
}

pub(super) fn key(redis: &Redis, user: UserId) -> String {
    redis.key("sessions-of", &user.to_string())
}

/// One that is live at this moment.
struct Live {
    hash: String,
    facts: Facts,
}

/// The sessions of `user`, the latest first.
pub(crate) async fn list(redis: &Redis, user: UserId) -> Result<Vec<Facts>, StoreError> {
    let live = live(redis, user).await?;
    Ok(live.into_iter().map(|live| live.facts).collect())
}

/// Ends those sessions of `user` that `which` picks; says how many there were.
pub(crate) async fn end(
    redis: &Redis,
    user: UserId,
    which: impl Fn(&Facts) -> bool,
) -> Result<usize, StoreError> {
    let live = live(redis, user).await?;
    let picked: Vec<_> = live.iter().filter(|live| which(&live.facts)).collect();
    if picked.is_empty() {
        return Ok(0);
    }
    let mut both = Pipeline::new();
    let mut unlink = cmd("DEL");
    let mut forget = cmd("ZREM");
    forget.arg(key(redis, user));
    for one in picked {
        unlink.arg(session_key(redis, &one.hash));
        forget.arg(&one.hash);
    }
    both.add_command(unlink).add_command(forget).ignore();
    let (ended,): (usize,) = redis.pipeline(&both).await?;
    Ok(ended)
}

async fn live(redis: &Redis, user: UserId) -> Result<Vec<Live>, StoreError> {
    let index = key(redis, user);
    let mut all = cmd("ZRANGE");
    all.arg(&index).arg(0).arg(-1);
    let hashes: Vec<String> = redis.query(&all).await?;
    if hashes.is_empty() {
        return Ok(Vec::new());
    }
    let mut get = cmd("MGET");
    for hash in &hashes {
        get.arg(session_key(redis, hash));
    }
    let states: Vec<Option<String>> = redis.query(&get).await?;
    let mut live = Vec::new();
    let mut dead = cmd("ZREM");
    dead.arg(&index);
    let mut any_dead = false;
    for (hash, state) in hashes.into_iter().zip(states) {
        let state = state.and_then(|text| serde_json::from_str::<State>(&text).ok());
        match state.and_then(|state| Facts::of(&state)) {
            // Whoever can write to Redis could put other people's there.
            Some(facts) if facts.user == user => live.push(Live { hash, facts }),
            _ => {
                dead.arg(hash);
                any_dead = true;
            }
        }
    }
    if any_dead {
        redis.query::<()>(&dead).await?;
    }
    live.sort_by_key(|live| std::cmp::Reverse(live.facts.seen));
    Ok(live)
}
