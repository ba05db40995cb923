//! What an operator wants to know of deliveries. Never by organisation: there are too many.
use super::{
    policy::{Answer, Verdict},
    send::Report,
};
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Histogram},
};

#[derive(Debug, Clone)]
pub(super) struct Measures {
    attempts: Counter<u64>,
    duration: Histogram<f64>,
}

impl Measures {
    pub(super) fn new() -> Self {
        let meter = global::meter("batchtrack");
        Self {
            attempts: meter
                .u64_counter("batchtrack.webhooks.attempts")
                .with_description("Requests to endpoints, by what came of them.")
                .build(),
            duration: meter
                .f64_histogram("batchtrack.webhooks.duration")
                .with_unit("s")
                .with_description("How long endpoints took to answer.")
                .with_boundaries(vec![
                    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0,
                ])
                .build(),
        }
    }

    pub(super) fn attempted(&self, seconds: f64, answer: Answer, verdict: Option<Verdict>) {
        let outcome = match verdict {
            Some(Verdict::Delivered) => "delivered",
            Some(Verdict::Again(_)) => "again",
            Some(Verdict::Failed) => "failed",
            Some(Verdict::Gone) => "gone",
            None => "unsettled",
        };
        let class = match answer {
            Answer::Status { code, .. } => class(code),
            Answer::Nothing => "none",
        };
        let labels = [
            KeyValue::new("to", "endpoint"),
            KeyValue::new("outcome", outcome),
            KeyValue::new("status", class),
        ];
        self.attempts.add(1, &labels);
        self.duration
            .record(seconds, &[KeyValue::new("to", "endpoint")]);
    }

    pub(super) fn told_operator(&self, report: &Report) {
        let (class, outcome) = match report.answer {
            Answer::Status {
                code: code @ 200..=299,
                ..
            } => (class(code), "delivered"),
            Answer::Status { code, .. } => (class(code), "again"),
            Answer::Nothing => ("none", "again"),
        };
        let labels = [
            KeyValue::new("to", "operator"),
            KeyValue::new("outcome", outcome),
            KeyValue::new("status", class),
        ];
        self.attempts.add(1, &labels);
        self.duration.record(
            report.duration.as_secs_f64(),
            &[KeyValue::new("to", "operator")],
        );
    }
}

const fn class(code: u16) -> &'static str {
    match code / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
