//! What an operator wants to know of jobs. Never by organisation: there may be any number of those.
use super::minutes::Minutes;
use batchtrack_core::{
    jobs::{Queue, operate},
    kernel::StoreError,
    platform::{Lifecycle, SystemDb},
};
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Gauge, Histogram, UpDownCounter},
};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(10);
/// Where counting takes long, for a snapshot is held open and nothing is cleared away, it is not to cost
/// more than this share of all time…
const SHARE: u32 = 20;
/// …but how jobs went is written down by the minute.
const LONGEST: Duration = Duration::from_mins(1);

pub(crate) struct Measures {
    attempts: Counter<u64>,
    duration: Histogram<f64>,
    latency: Histogram<f64>,
    in_flight: UpDownCounter<i64>,
    lost: Counter<u64>,
    rescued: Counter<u64>,
    waiting: Gauge<u64>,
    oldest: Gauge<f64>,
    delayed: Gauge<u64>,
    dead: Gauge<u64>,
    minutes: Minutes,
}

fn of_queue(queue: Queue) -> KeyValue {
    KeyValue::new("queue", queue.as_str())
}

impl Measures {
    pub(crate) fn new() -> Self {
        let meter = global::meter("batchtrack");
        let counter = |name: &'static str, what: &'static str| {
            meter.u64_counter(name).with_description(what).build()
        };
        let gauge = |name: &'static str, what: &'static str| {
            meter.u64_gauge(name).with_description(what).build()
        };
        let seconds = vec![
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
            60.0, 300.0, 3_600.0,
        ];
        let histogram = |name: &'static str, what: &'static str| {
            let histogram = meter.f64_histogram(name).with_unit("s");
            let bounds = seconds.clone();
            histogram
                .with_description(what)
                .with_boundaries(bounds)
                .build()
        };
        Self {
            attempts: counter(
                "batchtrack.jobs.attempts",
                "Attempts at jobs by this process, by kind and how they ended: done, failed, put_off or dead.",
            ),
            duration: histogram(
                "batchtrack.jobs.duration",
                "How long an attempt took, by kind.",
            ),
            latency: histogram(
                "batchtrack.jobs.latency",
                "From when a job could have been done until it was begun, by kind and queue.",
            ),
            in_flight: meter
                .i64_up_down_counter("batchtrack.jobs.in_flight")
                .with_description("Jobs that this process is doing, by queue.")
                .build(),
            lost: counter(
                "batchtrack.jobs.lost",
                "Jobs that were no longer this process's when it was done with them.",
            ),
            rescued: counter(
                "batchtrack.jobs.rescued",
                "Jobs put back by this process because their worker was lost.",
            ),
            waiting: gauge(
                "batchtrack.jobs.waiting",
                "Jobs that wait for a worker, by queue; 10001 is more than 10000.",
            ),
            oldest: meter
                .f64_gauge("batchtrack.jobs.oldest_waiting_age")
                .with_unit("s")
                .with_description("How long the first of a queue could have been done already.")
                .build(),
            delayed: gauge(
                "batchtrack.jobs.delayed",
                "Jobs that wait for their time, by queue; the soonest 10001 of all are counted.",
            ),
            dead: gauge(
                "batchtrack.jobs.dead",
                "Jobs that failed too often, by queue; 10001 is more than 10000.",
            ),
            minutes: Minutes::default(),
        }
    }

    /// Of `queue`, where the kind is one that is known here.
    pub(super) fn attempted(
        &self,
        queue: Option<Queue>,
        kind: &'static str,
        outcome: &'static str,
        took: Duration,
    ) {
        if let Some(queue) = queue {
            self.minutes.ended(queue, outcome);
        }
        let kind = KeyValue::new("kind", kind);
        self.duration
            .record(took.as_secs_f64(), std::slice::from_ref(&kind));
        self.attempts
            .add(1, &[kind, KeyValue::new("outcome", outcome)]);
    }

    pub(super) fn begun(&self, queue: Queue, kind: &'static str, waited: chrono::TimeDelta) {
        let labels = [of_queue(queue), KeyValue::new("kind", kind)];
        self.latency
            .record(waited.as_seconds_f64().max(0.0), &labels);
        self.in_flight.add(1, &[of_queue(queue)]);
    }

    pub(super) fn ended(&self, queue: Queue, how_many: usize) {
        let ended = i64::try_from(how_many).unwrap_or(0);
        self.in_flight.add(-ended, &[of_queue(queue)]);
    }

    pub(super) fn lost(&self, how_many: usize) {
        self.lost.add(u64::try_from(how_many).unwrap_or(0), &[]);
    }

    pub(super) fn rescued(&self, how_many: i64) {
        self.rescued.add(u64::try_from(how_many).unwrap_or(0), &[]);
    }

    /// Keeps the depth and age of the queues up to date, beside the workers, so that what is stuck
    /// shows; and writes down for the operators' page how jobs went.
    pub(super) async fn watch(&self, life: &Lifecycle, system: &SystemDb) {
        loop {
            let begun = Instant::now();
            // The workers say it loudly enough.
            if let Err(error) = self.look(system).await {
                tracing::debug!(%error, "the queues could not be measured");
            }
            let pause = EVERY.max(begun.elapsed() * SHARE).min(LONGEST);
            if !life.pause(pause).await {
                return;
            }
        }
    }

    pub(super) async fn look(&self, system: &SystemDb) -> Result<(), StoreError> {
        let mut tx = system.begin().await?;
        let lines = operate::lines(&mut tx).await?;
        let now = system.clock().now();
        for line in &lines {
            let queue = [of_queue(line.queue)];
            let count = |n: i64| u64::try_from(n).unwrap_or(0);
            let age = line.oldest.map(|since| (now - since).as_seconds_f64());
            self.waiting.record(count(line.waiting), &queue);
            self.oldest.record(age.unwrap_or(0.0).max(0.0), &queue);
            self.delayed.record(count(line.delayed), &queue);
            self.dead.record(count(line.dead), &queue);
        }
        self.minutes.write(tx, &lines).await
    }
}
