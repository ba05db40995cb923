use crate::kernel::{ids::OrganizationId, words::words};
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

words! {
    /// Lines of jobs that don't wait for one another, each with workers of its own.
    pub enum Queue {
        /// What somebody is waiting for: a code, a link to sign in.
        Critical = "critical",
        Webhooks = "webhooks",
        Mail = "mail",
        Push = "push",
        Fanout = "fanout",
        Media = "media",
        Exports = "exports",
        /// What keeps the house in order.
        Upkeep = "upkeep",
        /// What may take its time.
        Bulk = "bulk",
    }
}

/// What is to be done, as it is written down.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Never changes once released: `webhooks.deliver.v1`.
    const KIND: &'static str;
    const QUEUE: Queue;
    /// After so many tries it is dead, until an operator decides.
    const MAX_ATTEMPTS: i32 = 10;

    /// Of jobs of this kind with the same key only one waits: a second is not written. One that is
    /// already being done does not count, for it may have read its input.
    fn unique_key(&self) -> Option<String> {
        None
    }
    /// Jobs of one lane share a few workers, so that a slow one among them holds up no others.
    fn lane(&self) -> Option<String> {
        None
    }
}

/// A job to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    pub(super) kind: &'static str,
    pub(super) queue: Queue,
    pub(super) args: Value,
    pub(super) organization: Option<OrganizationId>,
    pub(super) lane: Option<String>,
    pub(super) unique_key: Option<String>,
    pub(super) run_at: Option<DateTime<Utc>>,
    pub(super) correlation: Option<String>,
    pub(super) traceparent: Option<String>,
}

impl NewJob {
    /// # Panics
    /// When the payload can't be JSON: a map with keys that are not text, which no test survives.
    pub fn of<J: Job>(job: &J) -> Self {
        Self {
            kind: J::KIND,
            queue: J::QUEUE,
            args: serde_json::to_value(job).expect("a payload is plain data"),
            organization: None,
            lane: job.lane(),
            unique_key: job.unique_key(),
            run_at: None,
            correlation: None,
            traceparent: None,
        }
    }

    /// On account of another request than the one that writes it: the id in the logs, and the trace.
    pub fn caused_by(mut self, correlation: String, traceparent: Option<String>) -> Self {
        self.correlation = Some(correlation);
        self.traceparent = traceparent;
        self
    }

    /// Says whose job it is, where no unit of work of that organisation writes it.
    pub const fn for_organization(mut self, organization: OrganizationId) -> Self {
        self.organization = Some(organization);
        self
    }

    /// Not before `when`.
    pub const fn at(mut self, when: DateTime<Utc>) -> Self {
        self.run_at = Some(when);
        self
    }

    pub const fn queue(&self) -> Queue {
        self.queue
    }
    pub const fn kind(&self) -> &'static str {
        self.kind
    }
    /// Whether it has to wait for its time.
    pub(super) fn is_later(&self, now: DateTime<Utc>) -> bool {
        self.run_at.is_some_and(|at| at > now)
    }
}
