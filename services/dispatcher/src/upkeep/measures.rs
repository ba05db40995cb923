//! How each chore goes, so that one which has not gone well for long shows.
use chrono::{DateTime, Utc};
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Gauge},
};
use std::sync::LazyLock;

struct Measures {
    runs: Counter<u64>,
    failures: Counter<u64>,
    rows: Counter<u64>,
    last_success: Gauge<f64>,
}

static MEASURES: LazyLock<Measures> = LazyLock::new(|| {
    let meter = global::meter("batchtrack");
    let counter = |name: &'static str, what: &'static str| {
        meter.u64_counter(name).with_description(what).build()
    };
    Measures {
        runs: counter(
            "batchtrack.upkeep.runs",
            "Runs of a chore in this process, by kind.",
        ),
        failures: counter("batchtrack.upkeep.failures", "Those that failed, by kind."),
        rows: counter(
            "batchtrack.upkeep.rows",
            "What a chore has dealt with, by kind.",
        ),
        last_success: meter
            .f64_gauge("batchtrack.upkeep.last_success")
            .with_unit("s")
            .with_description(
                "When a chore last went well in this process, in seconds since 1970, by kind; \
                 take the latest of all processes.",
            )
            .build(),
    }
});

/// After a run that dealt with so many things, or failed.
pub(super) fn ran(kind: &'static str, dealt_with: Option<u64>, now: DateTime<Utc>) {
    let kind = [KeyValue::new("kind", kind)];
    MEASURES.runs.add(1, &kind);
    match dealt_with {
        Some(rows) => {
            MEASURES.failures.add(0, &kind);
            MEASURES.rows.add(rows, &kind);
            let seconds = (now - DateTime::UNIX_EPOCH).as_seconds_f64();
            MEASURES.last_success.record(seconds, &kind);
        }
        None => MEASURES.failures.add(1, &kind),
    }
}
