use serde::Deserialize;
use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

/// How background work is done. Which queues there are is for the room of jobs to say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobSettings {
    pub workers: NonZeroU32,
    pub queues: Vec<String>,
    pub lane_concurrency: NonZeroU32,
    pub poll_interval_ms: u64,
    pub lease_seconds: NonZeroU32,
    pub dead_retention_days: NonZeroU32,
    pub expiring_within_days: NonZeroU32,
    /// Queues with a number of their own.
    pub concurrency: BTreeMap<String, NonZeroU32>,
}

impl JobSettings {
    /// How many jobs of `queue` one process does at a time.
    pub fn concurrency_of(&self, queue: &str) -> usize {
        let own = self.concurrency.get(queue).copied();
        usize::try_from(own.unwrap_or(self.workers).get()).unwrap_or(usize::MAX)
    }

    /// How long a worker that is not heard of keeps its jobs. Never so short that a hiccup costs it.
    pub fn lease(&self) -> Duration {
        Duration::from_secs(u64::from(self.lease_seconds.get().max(2)))
    }

    pub fn poll_interval(&self) -> Duration {
        Duration::from_millis(self.poll_interval_ms.clamp(10, 60_000))
    }
}
