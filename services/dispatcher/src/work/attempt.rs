//! One attempt at one job, and what follows from how it went.
use super::{
    Ctx, JobError, Run,
    lease::Lease,
    measures::Measures,
    registry::{Known, Registry},
};
use crate::pace;
use batchtrack_core::{
    jobs::{self, Claimed, Fate, backoff},
    kernel::ids::OrganizationId,
    platform::SystemDb,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt as _;
use opentelemetry::{
    global,
    trace::{SpanContext, TraceContextExt as _},
};
use std::{
    any::Any,
    collections::HashMap,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};
use tracing::Instrument as _;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// For a kind that another version of this program may know.
const UNKNOWN: Duration = Duration::from_mins(1);

/// What is needed for an attempt, whoever's turn it is.
pub(super) struct Bench {
    pub(super) ctx: Ctx,
    pub(super) system: SystemDb,
    pub(super) registry: Registry,
    pub(super) measures: Measures,
}

impl Bench {
    /// Does the job and says what is to become of it; `None` if it is no longer this worker's.
    pub(super) async fn attempt(&self, lease: &Lease, mut job: Claimed) -> Option<Fate> {
        let begun = Instant::now();
        let now = self.ctx.clock.now();
        let Some(known) = self.registry.known(&job.kind) else {
            tracing::warn!(
                job.id = job.id.get(),
                job.kind = job.kind,
                request.id = job.correlation,
                "nobody here knows how to do this job; left for later"
            );
            self.measures
                .attempted(None, "unknown", "unknown", begun.elapsed());
            return Some(Fate::Later {
                at: later(now, backoff::spread(UNKNOWN, pace::roll())),
                failed: false,
                error: Some(format!("nobody knew how to do a {}", job.kind)),
            });
        };
        if job.suspect {
            if job.failures >= known.max_attempts {
                let lost = anyhow::anyhow!("its worker was lost each time it was begun");
                return Some(self.settle(&job, known, Err(JobError::GiveUp(lost)), begun));
            }
            match jobs::begin(&self.system, lease.worker, &job).await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    return Some(self.settle(
                        &job,
                        known,
                        Err(JobError::Retry(error.into())),
                        begun,
                    ));
                }
            }
        }
        let run = Run::of(&job, known.max_attempts);
        let span = tracing::info_span!(
            "job",
            otel.name = known.kind,
            job.id = job.id.get(),
            job.kind = known.kind,
            job.attempt = run.attempt,
            request.id = &*run.correlation
        );
        if let Some(cause) = run.traceparent.as_deref().and_then(cause) {
            // Linked, not a child: the request has long been answered.
            span.add_link(cause);
        }
        let args = std::mem::take(&mut job.args);
        let work = AssertUnwindSafe((known.run)(args, &self.ctx, &run)).catch_unwind();
        let ended = tokio::time::timeout(known.timeout, work)
            .instrument(span.clone())
            .await;
        let outcome = match ended {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(JobError::Retry(anyhow::anyhow!(
                "it panicked: {}",
                words(&*panic)
            ))),
            Err(_elapsed) => Err(JobError::Retry(anyhow::anyhow!(
                "it took longer than {:?}",
                known.timeout
            ))),
        };
        Some(span.in_scope(|| self.settle(&job, known, outcome, begun)))
    }

    /// The one line in the log that says how it went, the measures, and the job's fate.
    fn settle(
        &self,
        job: &Claimed,
        known: Known,
        outcome: Result<(), JobError>,
        begun: Instant,
    ) -> Fate {
        let (took, now) = (begun.elapsed(), self.ctx.clock.now());
        let fate = fate(job, known, outcome, now, pace::roll());
        let (id, attempt) = (job.id.get(), job.failures + 1);
        let organization = job.organization.map(OrganizationId::get);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let outcome = match &fate {
            Fate::Done => {
                tracing::debug!(
                    job.id = id,
                    job.kind = known.kind,
                    job.attempt = attempt,
                    organization.id = organization,
                    request.id = job.correlation,
                    duration_ms = ms,
                    "job done"
                );
                "done"
            }
            Fate::Later {
                failed: false,
                at,
                error: None,
            } => {
                tracing::debug!(
                    job.id = id, job.kind = known.kind, job.attempt = attempt, organization.id = organization,
                    request.id = job.correlation, duration_ms = ms, until = %at, "job put off"
                );
                "put_off"
            }
            Fate::Later { at, error, .. } => {
                tracing::warn!(
                    job.id = id, job.kind = known.kind, job.attempt = attempt, organization.id = organization,
                    request.id = job.correlation, duration_ms = ms, again_at = %at, error,
                    "job failed; it is tried again"
                );
                "failed"
            }
            Fate::Dead { error, .. } => {
                tracing::error!(
                    job.id = id,
                    job.kind = known.kind,
                    job.attempt = attempt,
                    organization.id = organization,
                    request.id = job.correlation,
                    duration_ms = ms,
                    error,
                    "job is dead; an operator decides"
                );
                "dead"
            }
        };
        self.measures
            .attempted(Some(known.queue), known.kind, outcome, took);
        fate
    }
}

/// What is to become of a job after this. Pure.
fn fate(
    job: &Claimed,
    known: Known,
    outcome: Result<(), JobError>,
    now: DateTime<Utc>,
    roll: f64,
) -> Fate {
    let failures = job.failures.saturating_add(1);
    let (wait, cause) = match outcome {
        Ok(()) => return Fate::Done,
        Err(JobError::Snooze(wait)) => {
            return Fate::Later {
                at: later(now, wait),
                failed: false,
                error: None,
            };
        }
        Err(JobError::GiveUp(cause)) => {
            return Fate::Dead {
                failed: true,
                error: format!("{cause:#}"),
            };
        }
        Err(JobError::Retry(cause)) => ((known.backoff)(failures, roll), cause),
        Err(JobError::RetryAt { after, cause }) => (after, cause),
    };
    let error = format!("{cause:#}");
    if failures >= known.max_attempts {
        Fate::Dead {
            failed: true,
            error,
        }
    } else {
        Fate::Later {
            at: later(now, wait),
            failed: true,
            error: Some(error),
        }
    }
}

fn later(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
    // Nobody comes back in the year 262143.
    now.checked_add_signed(wait.min(FAR)).unwrap_or(now)
}

const FAR: TimeDelta = TimeDelta::days(365);

/// The trace of whatever asked for the job.
fn cause(traceparent: &str) -> Option<SpanContext> {
    let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    let context = global::get_text_map_propagator(|known| known.extract(&carrier));
    let span = context.span().span_context().clone();
    span.is_valid().then_some(span)
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let said = panic.downcast_ref::<&str>().copied();
    said.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a word")
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::claimed, *};
    use proptest::prelude::*;

    fn known(max_attempts: i32) -> Known {
        Known {
            kind: "test.v1",
            queue: jobs::Queue::Bulk,
            max_attempts,
            timeout: Duration::from_secs(1),
            backoff: backoff::wait,
            run: |_, _, _| Box::pin(async { Ok(()) }),
        }
    }

    fn job(failures: i32) -> Claimed {
        Claimed {
            attempt: 99,
            failures,
            ..claimed(1, None)
        }
    }

    fn outcome() -> impl Strategy<Value = Option<JobError>> {
        let cause = || anyhow::anyhow!("no");
        prop_oneof![
            Just(()).prop_map(|()| None),
            Just(()).prop_map(move |()| Some(JobError::Retry(cause()))),
            Just(()).prop_map(move |()| Some(JobError::GiveUp(cause()))),
            (0..u64::MAX).prop_map(|s| Some(JobError::Snooze(Duration::from_secs(s)))),
            (0..u64::MAX).prop_map(move |s| Some(JobError::RetryAt {
                after: Duration::from_secs(s),
                cause: cause(),
            })),
        ]
    }

    proptest! {
        #[test]
        fn a_job_is_dead_exactly_when_it_failed_for_the_last_time(
            outcome in outcome(), failures in 0..40_i32, most in 1..40_i32, roll in 0.0..=1.0_f64,
        ) {
            let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
            let gives_up = matches!(outcome, Some(JobError::GiveUp(_)));
            let fails = matches!(outcome, Some(JobError::Retry(_) | JobError::RetryAt { .. }));
            let snoozes = matches!(outcome, Some(JobError::Snooze(_)));
            match fate(&job(failures), known(most), outcome.map_or(Ok(()), Err), now, roll) {
                Fate::Done => prop_assert!(!fails && !gives_up && !snoozes),
                Fate::Dead { failed, .. } => {
                    prop_assert!(failed && (gives_up || fails && failures + 1 >= most));
                }
                Fate::Later { at, failed, error } => {
                    prop_assert!(at >= now && at <= now + FAR);
                    let expected = if failed { fails && failures + 1 < most } else { snoozes };
                    prop_assert!(expected);
                    prop_assert_eq!(error.is_some(), failed);
                }
            }
        }
    }
}
