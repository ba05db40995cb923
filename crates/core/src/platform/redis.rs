//! Redis on the shared bb8 pool. Keys are made here and nowhere else.
use super::config::RedisSettings;
use crate::kernel::StoreError;
use bb8_redis::redis::{
    self, AsyncConnectionConfig, Cmd, FromRedisValue, IntoConnectionInfo as _, Pipeline,
    RedisError,
    aio::{MultiplexedConnection, PubSub},
};
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;

/// A pool of connections, each carrying many requests at a time.
#[derive(Clone)]
pub struct Redis {
    pool: bb8::Pool<Manager>,
    client: redis::Client,
    timeout: Duration,
    prefix: String,
}

impl Redis {
    /// The server for what must not be evicted.
    pub async fn connect(settings: &RedisSettings) -> Result<Self, StoreError> {
        Self::open(&settings.url, settings).await
    }

    /// The server for caches.
    pub async fn connect_cache(settings: &RedisSettings) -> Result<Self, StoreError> {
        Self::open(settings.cache_url(), settings).await
    }

    /// Another server, or one of these, by its address.
    pub(super) async fn open(
        url: &SecretString,
        settings: &RedisSettings,
    ) -> Result<Self, StoreError> {
        let timeout = Duration::from_millis(settings.timeout_ms);
        let client = redis::Client::open(url.expose_secret().into_connection_info()?)?;
        // The manager of bb8-redis never calls a connection broken, so one that died with a
        // restarted server would be lent out for ever; ours remembers.
        let pool = bb8::Pool::builder()
            .max_size(settings.pool_size.get())
            .test_on_check_out(false)
            .connection_timeout(timeout.saturating_mul(2))
            .build(Manager {
                client: client.clone(),
                timeout,
            })
            .await?;
        Ok(Self {
            pool,
            client,
            timeout,
            prefix: settings.prefix.clone(),
        })
    }

    /// The key of `id` in `space`, under this installation's prefix.
    pub fn key(&self, space: &str, id: &str) -> String {
        format!("{}:{space}:{id}", self.prefix)
    }

    /// The name of a channel, under this installation's prefix.
    pub(super) fn channel(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }

    /// Listens to a channel, on a connection of its own.
    pub(super) async fn subscribe(&self, channel: &str) -> Result<PubSub, StoreError> {
        let subscribe = async {
            let mut listening = self.client.get_async_pubsub().await?;
            listening.subscribe(channel).await?;
            Ok(listening)
        };
        let patience = self.timeout.saturating_mul(2);
        match tokio::time::timeout(patience, subscribe).await {
            Ok(listening) => listening,
            Err(_too_long) => Err(StoreError::RedisPool(bb8::RunError::TimedOut)),
        }
    }

    /// Runs one command. A connection that turns out dead is replaced and the command sent again,
    /// once; so `command` must be one that may be sent twice.
    pub async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        for last in [false, true] {
            let mut conn = self.pool.get().await?;
            match command.query_async(&mut conn.inner).await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.note(&mut conn, error, last)?,
            }
        }
        unreachable_end()
    }

    /// Runs several commands in one round trip; they too must be such that they may be sent twice.
    pub async fn pipeline<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, StoreError> {
        for last in [false, true] {
            let mut conn = self.pool.get().await?;
            match commands.query_async(&mut conn.inner).await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.note(&mut conn, error, last)?,
            }
        }
        unreachable_end()
    }

    /// Runs one command, once, within `budget`; whoever is slower than that counts as away, and the
    /// connection as lost.
    pub(super) async fn query_within<T: FromRedisValue>(
        &self,
        command: &Cmd,
        budget: Duration,
    ) -> Result<T, StoreError> {
        let too_late = || StoreError::RedisPool(bb8::RunError::TimedOut);
        let deadline = tokio::time::Instant::now() + budget;
        let mut conn = tokio::time::timeout_at(deadline, self.pool.get())
            .await
            .map_err(|_elapsed| too_late())??;
        match tokio::time::timeout_at(deadline, command.query_async(&mut conn.inner)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.note(&mut conn, error, true)?;
                Err(too_late())
            }
            Err(_elapsed) => {
                conn.broken = true;
                Err(too_late())
            }
        }
    }

    /// Marks a lost connection as such and passes on what can't be mended by another.
    #[expect(clippy::unused_self, reason = "belongs to the pool it speaks of")]
    fn note(&self, conn: &mut Connection, error: RedisError, last: bool) -> Result<(), StoreError> {
        let is_dead = error.is_io_error() || error.is_connection_dropped() || error.is_timeout();
        conn.broken |= is_dead;
        if is_dead && !error.is_timeout() && !last {
            Ok(())
        } else {
            Err(error.into())
        }
    }

    pub async fn ping(&self) -> Result<(), StoreError> {
        self.query::<String>(&redis::cmd("PING")).await.map(drop)
    }

    /// What the server does when memory is full; `None` where it will not say (managed servers).
    pub async fn eviction_policy(&self) -> Result<Option<String>, StoreError> {
        let mut ask = redis::cmd("CONFIG");
        ask.arg("GET").arg("maxmemory-policy");
        match self.query::<Vec<String>>(&ask).await {
            Ok(pair) => Ok(pair.into_iter().nth(1)),
            Err(StoreError::Redis(error)) if !error.is_io_error() && !error.is_timeout() => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    pub fn state(&self) -> bb8::State {
        self.pool.state()
    }
}

/// Both passes of the loops above return: the second has `last` set.
fn unreachable_end<T>() -> Result<T, StoreError> {
    Err(StoreError::RedisPool(bb8::RunError::TimedOut))
}

struct Manager {
    client: redis::Client,
    timeout: Duration,
}

struct Connection {
    inner: MultiplexedConnection,
    broken: bool,
}

impl bb8::ManageConnection for Manager {
    type Connection = Connection;
    type Error = RedisError;

    async fn connect(&self) -> Result<Connection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout));
        let inner = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        Ok(Connection {
            inner,
            broken: false,
        })
    }

    async fn is_valid(&self, conn: &mut Connection) -> Result<(), RedisError> {
        redis::cmd("PING").query_async(&mut conn.inner).await
    }

    fn has_broken(&self, conn: &mut Connection) -> bool {
        conn.broken
    }
}
