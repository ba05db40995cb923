//! Whether a service may be sent work.
//!
//! It may once everything it needs has answered, and from then on until it stops: a service whose
//! database is away is not healed by taking it out of service, and all its replicas would go at
//! once. The answer names what fails all the same.
use batchtrack_core::platform::{Lifecycle, Redis, SystemDb};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    future::Future,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// Probes that come in quick succession share an answer.
const FRESH: Duration = Duration::from_secs(1);
/// Longer than a pool waits for a connection, so that its own error is the one that is logged.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not everything has answered yet.
    Starting,
    Ready,
    /// Serves on, while something it needs is away.
    Degraded,
    Stopping,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Ok,
    Unreachable,
    /// The database lacks a migration that this program needs.
    NotMigrated,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    pub status: Standing,
    pub dependencies: BTreeMap<&'static str, Health>,
    /// What an operator should know and what keeps nobody from work, such as mail that is off.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<&'static str, &'static str>,
}

impl Readiness {
    pub const fn may_be_sent_work(&self) -> bool {
        matches!(self.status, Standing::Ready | Standing::Degraded)
    }
}

#[derive(Debug, Default)]
struct Last {
    has_been_ready: bool,
    checked: Option<(Instant, BTreeMap<&'static str, Health>)>,
}

/// Asks the dependencies, and remembers.
pub(crate) struct Watch {
    life: Lifecycle,
    system: SystemDb,
    redis: Vec<(&'static str, Redis)>,
    notes: BTreeMap<&'static str, &'static str>,
    last: Mutex<Last>,
}

impl Watch {
    pub(crate) fn new(
        life: Lifecycle,
        system: SystemDb,
        redis: Vec<(&'static str, Redis)>,
        notes: BTreeMap<&'static str, &'static str>,
    ) -> Self {
        Self {
            life,
            system,
            redis,
            notes,
            last: Mutex::default(),
        }
    }

    pub(crate) async fn look(&self) -> Readiness {
        // Those who ask while a check is under way wait here for its answer.
        let mut last = self.last.lock().await;
        let fresh = last
            .checked
            .take()
            .filter(|(at, _)| at.elapsed() < FRESH && last.has_been_ready);
        let (at, dependencies) = match fresh {
            Some(checked) => checked,
            None => (Instant::now(), self.check().await),
        };
        let all_well = dependencies.values().all(|health| *health == Health::Ok);
        last.has_been_ready |= all_well;
        last.checked = Some((at, dependencies.clone()));
        let status = match (self.life.is_stopping(), last.has_been_ready, all_well) {
            (true, ..) => Standing::Stopping,
            (_, false, _) => Standing::Starting,
            (_, true, true) => Standing::Ready,
            (_, true, false) => Standing::Degraded,
        };
        Readiness {
            status,
            dependencies,
            notes: self.notes.clone(),
        }
    }

    async fn check(&self) -> BTreeMap<&'static str, Health> {
        let mut found = BTreeMap::from([("database", self.database().await)]);
        for (name, redis) in &self.redis {
            let health = match in_time(name, redis.ping()).await {
                Some(()) => Health::Ok,
                None => Health::Unreachable,
            };
            found.insert(*name, health);
        }
        found
    }

    async fn database(&self) -> Health {
        match in_time("database", self.system.is_ready()).await {
            Some(true) => Health::Ok,
            Some(false) => Health::NotMigrated,
            None => Health::Unreachable,
        }
    }
}

/// What `check` found, or nothing and a line in the log.
async fn in_time<T, E: std::error::Error>(
    dependency: &str,
    check: impl Future<Output = Result<T, E>>,
) -> Option<T> {
    match tokio::time::timeout(PATIENCE, check).await {
        Ok(Ok(found)) => Some(found),
        Ok(Err(error)) => {
            let cause = error.source().map(ToString::to_string);
            tracing::warn!(dependency, %error, cause, "a dependency is away");
            None
        }
        Err(_elapsed) => {
            tracing::warn!(dependency, "a dependency does not answer");
            None
        }
    }
}
