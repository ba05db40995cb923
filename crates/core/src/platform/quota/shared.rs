//! Numbers that all replicas share, in Redis: asked for within a budget, or not at all.
use super::breaker::Breaker;
use crate::{
    kernel::StoreError,
    platform::{
        Redis,
        config::{LimitSettings, RedisSettings},
    },
};
use aws_lc_rs::digest;
use bb8_redis::redis::{Cmd, ErrorKind, FromRedisValue, ServerErrorKind, cmd};
use opentelemetry::{KeyValue, global, metrics::Counter};
use std::{sync::LazyLock, time::Duration};

/// What to raise an alert by: it counts only while Redis is away.
static UNSHARED: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("batchtrack")
        .u64_counter("limits.unshared")
        .with_description("Decisions about limits that a process made by itself, Redis being away")
        .build()
});

/// A script by the name that Redis has for it.
pub(super) struct Script {
    code: &'static str,
    sha: String,
}

impl Script {
    pub(super) fn new(code: &'static str) -> Self {
        // It protects nothing: it is what Redis calls a script by.
        let sha = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, code.as_bytes());
        Self {
            code,
            sha: hex::encode(sha),
        }
    }
}

pub(super) struct Shared {
    redis: Redis,
    budget: Duration,
    breaker: Breaker,
}

impl Shared {
    pub(super) async fn connect(
        limits: &LimitSettings,
        redis: &RedisSettings,
    ) -> Result<Self, StoreError> {
        let url = limits.storage_url.as_ref().unwrap_or(&redis.url);
        Ok(Self {
            redis: Redis::open(url, redis).await?,
            budget: Duration::from_millis(limits.timeout_ms),
            breaker: Breaker::default(),
        })
    }

    /// All of these lie together, wherever a cluster puts them: a script may touch any of them at once.
    pub(super) fn key(&self, space: &str, id: &str) -> String {
        self.redis.key(&format!("{{limits}}:{space}"), id)
    }

    /// Runs a script in one round trip; none while Redis is away, and `what` was then decided here.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        what: &'static str,
        script: &Script,
        keys: &[String],
        arguments: &[u64],
    ) -> Option<T> {
        if self.breaker.asks() {
            match self.try_to(script, keys, arguments).await {
                Ok(answer) => {
                    self.breaker.succeeded();
                    return Some(answer);
                }
                Err(error) => {
                    self.breaker.failed();
                    if self.breaker.warns() {
                        let cause = std::error::Error::source(&error).map(ToString::to_string);
                        tracing::warn!(%error, cause, "redis doesn't answer: each process keeps the limits by itself");
                    }
                }
            }
        }
        UNSHARED.add(1, &[KeyValue::new("what", what)]);
        None
    }

    async fn try_to<T: FromRedisValue>(
        &self,
        script: &Script,
        keys: &[String],
        arguments: &[u64],
    ) -> Result<T, StoreError> {
        let with = |verb: &str, script: &str| {
            let mut command = cmd(verb);
            command.arg(script).arg(keys.len()).arg(keys).arg(arguments);
            command
        };
        let by_name = with("EVALSHA", &script.sha);
        match self.redis.query_within(&by_name, self.budget).await {
            // Once, and whenever Redis was restarted.
            Err(StoreError::Redis(error)) if is_unknown(error.kind()) => {
                let whole: Cmd = with("EVAL", script.code);
                self.redis.query_within(&whole, self.budget).await
            }
            answer => answer,
        }
    }
}

fn is_unknown(kind: ErrorKind) -> bool {
    kind == ErrorKind::Server(ServerErrorKind::NoScript)
}
