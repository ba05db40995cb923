//! What an operator wants to know of the relay.
use batchtrack_core::{
    outbox::{self, Consumer},
    platform::{Lifecycle, SystemDb},
};
use opentelemetry::{
    global,
    metrics::{Counter, Gauge, Histogram},
};
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(5);

pub(crate) struct Measures {
    dispatched: Counter<u64>,
    turn: Histogram<f64>,
    oldest: Gauge<f64>,
    lag: Gauge<u64>,
}

impl Measures {
    pub(crate) fn new() -> Self {
        let meter = global::meter("batchtrack");
        Self {
            dispatched: meter
                .u64_counter("batchtrack.events.dispatched")
                .with_description("Events that this dispatcher has relayed.")
                .build(),
            turn: meter
                .f64_histogram("batchtrack.outbox.turn_duration")
                .with_unit("s")
                .with_description("How long it took to relay a chunk of events.")
                .with_boundaries(vec![
                    0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
                ])
                .build(),
            oldest: meter
                .f64_gauge("batchtrack.outbox.oldest_due_age")
                .with_unit("s")
                .with_description("How long the oldest event that is not relayed has been waiting.")
                .build(),
            lag: meter
                .u64_gauge("batchtrack.outbox.lag")
                .with_unit("{event}")
                .with_description(
                    "Events not relayed yet; beyond some hundred thousand they are not counted.",
                )
                .build(),
        }
    }

    pub(crate) fn relayed(&self, how_many: usize, took: Duration) {
        self.dispatched
            .add(u64::try_from(how_many).unwrap_or(0), &[]);
        self.turn.record(took.as_secs_f64(), &[]);
    }

    /// Keeps the lag up to date, beside the relay, so that one that is stuck shows.
    pub(crate) async fn watch(&self, life: &Lifecycle, system: &SystemDb) {
        loop {
            match outbox::lag(system, Consumer::Dispatcher).await {
                Ok(lag) => {
                    self.oldest.record(lag.age().as_seconds_f64(), &[]);
                    self.lag.record(lag.facts, &[]);
                }
                // The relay says it loudly enough.
                Err(error) => tracing::debug!(%error, "the lag could not be measured"),
            }
            if !life.pause(EVERY).await {
                return;
            }
        }
    }
}
