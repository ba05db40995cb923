//! Quotas that are exact however many replicas there are: they are kept in Redis, and all that apply
//! to a request are asked for at once. While Redis is away each process keeps them by itself.
mod breaker;
mod gcra;
mod policy;
mod shared;
mod throttle;

use self::{
    gcra::Local,
    shared::{Script, Shared},
    throttle::Recent,
};
pub use self::{
    policy::{BadQuota, Policy, Quota, Quotas},
    throttle::{Attempt, TooSoon},
};
use super::config::{LimitSettings, RedisSettings};
use crate::kernel::StoreError;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

/// One quota, and who would take from it.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    pub policy: &'a Policy,
    pub subject: String,
}

impl Ask<'_> {
    fn key(&self) -> String {
        format!("{}:{}", self.policy.name, self.subject)
    }
}

/// What is left of one quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub remaining: u32,
    /// Until all of it is there again.
    pub whole_in: Duration,
    /// How long until this request would pass; none when this quota has room for it.
    pub wait: Option<Duration>,
}

/// Counts requests against their quotas, and attempts to sign in. Clones share what they count.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

struct Inner {
    shared: Shared,
    local: Local,
    recent: Recent,
}

impl Limiter {
    pub async fn connect(
        limits: &LimitSettings,
        redis: &RedisSettings,
    ) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(Inner {
            shared: Shared::connect(limits, redis).await?,
            local: Local::default(),
            recent: Recent::default(),
        })))
    }

    /// Takes one from each of the quotas, or from none when one of them is used up.
    pub async fn take(&self, asks: &[Ask<'_>]) -> Vec<Left> {
        static GCRA: LazyLock<Script> = LazyLock::new(|| Script::new(gcra::SCRIPT));
        if asks.is_empty() {
            return Vec::new();
        }
        let shared = &self.0.shared;
        let keys: Vec<_> = asks
            .iter()
            .map(|ask| shared.key("quota", &ask.key()))
            .collect();
        let quotas: Vec<_> = asks
            .iter()
            .flat_map(|ask| {
                let quota = ask.policy.quota;
                [u64::from(quota.count.get()), gcra::window(quota)]
            })
            .collect();
        let answer: Option<Vec<i64>> = shared.run("quota", &GCRA, &keys, &quotas).await;
        match answer.map(|answer| gcra::read(&answer)) {
            Some(left) if left.len() == asks.len() => left,
            _ => self.0.local.take(asks),
        }
    }
}
