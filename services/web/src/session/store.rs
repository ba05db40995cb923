//! Sessions in the Redis pool we already have: `actix-session`'s own stores would bring a second
//! pool, a second `redis` crate, and a 500 for every request while Redis is away.
use super::{UNAVAILABLE, USER};
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use batchtrack_core::{kernel::StoreError, platform::Redis};
use bb8_redis::redis::{Cmd, cmd};
use sha2::{Digest as _, Sha256};
use std::{cell::Cell, collections::HashMap};

type State = HashMap<String, String>;

/// A form that nobody signed in through is kept no longer than this.
const STRANGERS_KEEP: Duration = Duration::hours(2);

tokio::task_local! {
    /// Set when this request's session turned out to be gone, so that its cookie is left alone.
    pub(super) static GONE: Cell<bool>;
}

#[derive(Clone)]
pub(crate) struct Store {
    redis: Redis,
}

impl Store {
    pub(crate) const fn new(redis: Redis) -> Self {
        Self { redis }
    }

    /// Redis knows only the hash of an id, so that a dump of it lets nobody in.
    fn key(&self, key: &SessionKey) -> String {
        let hash = Sha256::digest(key.as_ref().as_bytes());
        self.redis.key("session", &hex::encode(hash))
    }

    fn set(&self, key: &SessionKey, state: &State, ttl: &Duration) -> Result<Cmd, anyhow::Error> {
        let ttl = if state.contains_key(USER) {
            *ttl
        } else {
            STRANGERS_KEEP.min(*ttl)
        };
        let mut set = cmd("SET");
        set.arg(self.key(key))
            .arg(serde_json::to_string(state)?)
            .arg("EX")
            .arg(ttl.whole_seconds().max(1));
        Ok(set)
    }
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
        get.arg(self.key(key));
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

    async fn save(&self, state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        let key = fresh().map_err(SaveError::Other)?;
        let set = self
            .set(&key, &state, ttl)
            .map_err(SaveError::Serialization)?;
        self.redis
            .query::<()>(&set)
            .await
            .map_err(|error| SaveError::Other(error.into()))?;
        Ok(key)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        if state.contains_key(UNAVAILABLE) {
            let _ = GONE.try_with(|gone| gone.set(true));
            return Ok(key);
        }
        let mut set = self
            .set(&key, &state, ttl)
            .map_err(UpdateError::Serialization)?;
        // Signed out by another request meanwhile: to write would sign them in again.
        set.arg("XX");
        let written: Option<String> = self
            .redis
            .query(&set)
            .await
            .map_err(|error| UpdateError::Other(error.into()))?;
        if written.is_none() {
            let _ = GONE.try_with(|gone| gone.set(true));
        }
        Ok(key)
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &Duration) -> Result<(), anyhow::Error> {
        let mut expire = cmd("EXPIRE");
        expire.arg(self.key(key)).arg(ttl.whole_seconds().max(1));
        Ok(self.redis.query(&expire).await?)
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let mut del = cmd("DEL");
        del.arg(self.key(key));
        Ok(self.redis.query(&del).await?)
    }
}

fn cause(error: &StoreError) -> Option<String> {
    std::error::Error::source(error).map(ToString::to_string)
}
