//! From what came back to what is written down.
use super::{
    policy::{self, Answer, Verdict},
    send::Report,
};
use crate::{
    pace,
    work::{Ctx, JobError, Run},
};
use batchtrack_core::{
    kernel::StoreError,
    webhooks::{self, Attempt, Deliver, Outcome, Ready, Settled},
};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// What was sent is sent again if it can't be written down, so it is tried more than once.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(1)];

pub(super) async fn settle(
    ctx: &Ctx,
    run: &Run,
    job: &Deliver,
    ready: &Ready,
    report: Report,
) -> Result<Verdict, JobError> {
    let number = u32::try_from(ready.number).unwrap_or(u32::MAX);
    let verdict = policy::next(ready.cause, number, report.answer, pace::roll());
    let pause = policy::pause(report.answer);
    let attempt = attempt(ready, report);
    let mut pauses = PAUSES.into_iter();
    loop {
        match write(ctx, run, job, ready, attempt.clone(), verdict, pause).await {
            Ok(Settled::TooLate) => break,
            Ok(Settled::Disabled(reason)) => {
                tracing::warn!(
                    organization.id = job.organization.get(),
                    endpoint.id = job.endpoint.get(),
                    reason = reason.as_str(),
                    "an endpoint was disabled"
                );
                return Ok(verdict);
            }
            Ok(Settled::Done) => return Ok(verdict),
            Err(error) => match pauses.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error.into()),
            },
        }
    }
    // Somebody settled it before us, perhaps we ourselves with the answer lost: look again at once.
    Err(JobError::Snooze(Duration::ZERO))
}

async fn write(
    ctx: &Ctx,
    run: &Run,
    job: &Deliver,
    ready: &Ready,
    attempt: Attempt,
    verdict: Verdict,
    pause: Option<Duration>,
) -> Result<Settled, StoreError> {
    let mut tx = ctx.system.begin().await?;
    let now = tx.now();
    let outcome = match verdict {
        Verdict::Delivered => Outcome::Delivered,
        Verdict::Again(wait) => Outcome::Again(now + wait),
        Verdict::Failed => Outcome::Failed,
        Verdict::Gone => Outcome::Gone,
    };
    let leave_alone: Option<DateTime<Utc>> = pause.map(|pause| now + pause);
    let settled = webhooks::settle(
        &mut tx,
        job,
        ready,
        attempt,
        outcome,
        leave_alone,
        &run.correlation,
    )
    .await?;
    if settled != Settled::TooLate {
        tx.commit().await?;
    }
    Ok(settled)
}

fn attempt(ready: &Ready, report: Report) -> Attempt {
    Attempt {
        number: ready.number,
        started_at: ready.started_at,
        duration_us: i64::try_from(report.duration.as_micros()).unwrap_or(i64::MAX),
        url: ready.url.clone(),
        request_headers: report.request_headers,
        status: match report.answer {
            Answer::Status { code, .. } => Some(code.into()),
            Answer::Nothing => None,
        },
        answer_headers: report.answer_headers,
        answer_body: report.answer_body,
        error: report.error,
    }
}
