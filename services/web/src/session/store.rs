//! Sessions in the Redis pool we already have: `actix-session`'s own stores would bring a second
//! pool, a second `redis` crate, and a 500 for every request while Redis is away.
use super::{
    ALONE, MOVED, SINCE, UNAVAILABLE, USER,
    index::{self, State},
};
use crate::app::App;
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use batchtrack_core::{
    kernel::{Clock, StoreError, ids::UserId},
    platform::Redis,
};
use bb8_redis::redis::{Cmd, Pipeline, cmd};
use sha2::{Digest as _, Sha256};
use std::cell::Cell;

/// A form that nobody signed in through is kept no longer than this.
const STRANGERS_KEEP: Duration = Duration::hours(2);

/// Signs in and ends all others of the account, at once, so that of two that sign in together one
/// stays. Keys: the session, the index. Arguments: what goes before an id, the id, the session, its
/// seconds, when it ends at the latest, the index's seconds.
const SAVE_ALONE: &str = "
for _, other in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do redis.call('DEL', ARGV[1] .. other) end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[5], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[6])";

tokio::task_local! {
    /// Of this request's session.
    pub(super) static FATE: Fate;
}

/// What was found out about a session while its request was under way.
#[derive(Default)]
pub(super) struct Fate {
    /// There was none any more when it was to be deleted.
    was_missing: Cell<bool>,
    /// It has ended, so nothing is written and its cookie is left alone.
    gone: Cell<bool>,
}

impl Fate {
    pub(super) fn is_gone() -> bool {
        FATE.try_with(|fate| fate.gone.get()).unwrap_or_default()
    }
    fn note_gone() {
        let _ = FATE.try_with(|fate| fate.gone.set(true));
    }
    fn was_missing() -> bool {
        FATE.try_with(|fate| fate.was_missing.get())
            .unwrap_or_default()
    }
    fn note_missing() {
        let _ = FATE.try_with(|fate| fate.was_missing.set(true));
    }
}

#[derive(Clone)]
pub(crate) struct Store {
    redis: Redis,
    clock: Clock,
    /// How long a session may go on, however busily, in seconds.
    longest: i64,
}

impl Store {
    pub(crate) fn new(app: &App) -> Self {
        Self {
            redis: app.redis.clone(),
            clock: app.clock.clone(),
            longest: app.settings.session.absolute_lifetime().num_seconds(),
        }
    }

    /// The most that is left of the life of a session, in seconds.
    fn left(&self, state: &State) -> i64 {
        let since: Option<i64> = number(state, SINCE);
        since.map_or(self.longest, |since| {
            since + self.longest - self.clock.now().timestamp()
        })
    }

    fn seconds(&self, state: &State, ttl: &Duration) -> i64 {
        let ttl = if state.contains_key(USER) {
            ttl.whole_seconds().min(self.left(state))
        } else {
            ttl.whole_seconds().min(STRANGERS_KEEP.whole_seconds())
        };
        ttl.max(1)
    }

    fn set(&self, hash: &str, state: &State, ttl: &Duration) -> Result<Cmd, anyhow::Error> {
        let mut set = cmd("SET");
        set.arg(index::session_key(&self.redis, hash))
            .arg(serde_json::to_string(state)?)
            .arg("EX")
            .arg(self.seconds(state, ttl));
        Ok(set)
    }

    /// The session and, for somebody's, its place in their index, in one round trip.
    async fn put(&self, hash: &str, state: &State, ttl: &Duration) -> Result<(), anyhow::Error> {
        let Some(user) = number(state, USER).map(UserId::new) else {
            return Ok(self.redis.query(&self.set(hash, state, ttl)?).await?);
        };
        let index = index::key(&self.redis, user);
        let now = self.clock.now().timestamp();
        let ends = now + self.left(state);
        if state.contains_key(ALONE) {
            let mut save = cmd("EVAL");
            save.arg(SAVE_ALONE)
                .arg(2)
                .arg(index::session_key(&self.redis, hash))
                .arg(index)
                .arg(index::session_key(&self.redis, ""))
                .arg(hash)
                .arg(serde_json::to_string(state)?)
                .arg(self.seconds(state, ttl))
                .arg(ends)
                .arg(self.longest);
            return Ok(self.redis.query(&save).await?);
        }
        let mut all = Pipeline::new();
        all.cmd("ZREMRANGEBYSCORE")
            .arg(&index)
            .arg("-inf")
            .arg(now)
            .cmd("ZADD")
            .arg(&index)
            .arg(ends)
            .arg(hash)
            .cmd("EXPIRE")
            .arg(&index)
            .arg(self.longest)
            .add_command(self.set(hash, state, ttl)?);
        self.redis.pipeline::<bb8_redis::redis::Value>(&all).await?;
        Ok(())
    }
}

/// Redis knows only the hash of an id, so that a dump of it lets nobody in.
fn hash(key: &SessionKey) -> String {
    hex::encode(Sha256::digest(key.as_ref().as_bytes()))
}

fn number(state: &State, name: &str) -> Option<i64> {
    serde_json::from_str(state.get(name)?).ok()
}

fn fresh() -> Result<SessionKey, anyhow::Error> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    SessionKey::try_from(hex::encode(random))
        .map_err(|error| anyhow::anyhow!("session id refused: {error}"))
}

impl SessionStore for Store {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let mut get = cmd("GET");
        get.arg(index::session_key(&self.redis, &hash(key)));
        let text: Option<String> = match self.redis.query(&get).await {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!(%error, cause = cause(&error), "sessions are unavailable");
                return Ok(Some(State::from([(
                    UNAVAILABLE.to_owned(),
                    "true".to_owned(),
                )])));
            }
        };
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| LoadError::Deserialization(error.into()))
    }

    async fn save(&self, mut state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        let key = fresh().map_err(SaveError::Other)?;
        // It was to take the place of one that somebody has ended meanwhile.
        if state.remove(MOVED).is_some() && Fate::was_missing() {
            Fate::note_gone();
            return Ok(key);
        }
        let saved = self.put(&hash(&key), &state, ttl).await;
        saved.map_err(SaveError::Other)?;
        Ok(key)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        if state.contains_key(UNAVAILABLE) {
            Fate::note_gone();
            return Ok(key);
        }
        let mut set = self
            .set(&hash(&key), &state, ttl)
            .map_err(UpdateError::Serialization)?;
        // Signed out by another request meanwhile: to write would sign them in again.
        set.arg("XX");
        let written: Option<String> = self
            .redis
            .query(&set)
            .await
            .map_err(|error| UpdateError::Other(error.into()))?;
        if written.is_none() {
            Fate::note_gone();
        }
        Ok(key)
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &Duration) -> Result<(), anyhow::Error> {
        let mut expire = cmd("EXPIRE");
        expire
            .arg(index::session_key(&self.redis, &hash(key)))
            .arg(ttl.whole_seconds().max(1));
        Ok(self.redis.query(&expire).await?)
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let mut del = cmd("DEL");
        del.arg(index::session_key(&self.redis, &hash(key)));
        let deleted: i64 = self.redis.query(&del).await?;
        if deleted == 0 {
            Fate::note_missing();
        }
        Ok(())
    }
}

fn cause(error: &StoreError) -> Option<String> {
    std::error::Error::source(error).map(ToString::to_string)
}
