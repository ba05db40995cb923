//! What an operator wants to know of the queue.
use batchtrack_core::{
    outbox::{self, Consumer},
    platform::{Lifecycle, SystemDb},
};
use opentelemetry::{
    global,
    metrics::{Counter, Gauge},
};
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(5);

pub(crate) struct Measures {
    dispatched: Counter<u64>,
    oldest_due: Gauge<f64>,
}

impl Measures {
    pub(crate) fn new() -> Self {
        let meter = global::meter("batchtrack");
        Self {
            dispatched: meter
                .u64_counter("batchtrack.events.dispatched")
                .with_description("Events that this dispatcher has dealt with.")
                .build(),
            oldest_due: meter
                .f64_gauge("batchtrack.outbox.oldest_due_age")
                .with_unit("s")
                .with_description("How long the event that is due longest has been waiting.")
                .build(),
        }
    }

    pub(crate) fn dispatched(&self, how_many: usize) {
        self.dispatched
            .add(u64::try_from(how_many).unwrap_or(0), &[]);
    }

    /// Keeps the age of the queue up to date, beside the relay, so that one that is stuck shows.
    pub(crate) async fn watch(&self, life: &Lifecycle, system: &SystemDb) {
        loop {
            match outbox::oldest_due(system, Consumer::Dispatcher).await {
                Ok(due) => {
                    let age = due.map(|since| (system.clock().now() - since).as_seconds_f64());
                    self.oldest_due.record(age.unwrap_or(0.0).max(0.0), &[]);
                }
                // The relay says it loudly enough.
                Err(error) => tracing::debug!(%error, "the queue could not be measured"),
            }
            if !life.pause(EVERY).await {
                return;
            }
        }
    }
}
