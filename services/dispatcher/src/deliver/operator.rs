//! The operator's own hook: every event of every organisation, in the form of domain 8.3.
use super::{
    Hooks,
    policy::Answer,
    send::{Parcel, Report},
};
use crate::work::{Ctx, JobError, Run, Work};
use anyhow::anyhow;
use batchtrack_core::{
    outbox::{self, Fact},
    webhooks::{self, Secret, TellOperator, signatures},
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;

const LONGEST_WAIT: Duration = Duration::from_hours(6);

/// Where the operator wants to hear of events.
pub(super) struct Operator {
    pub(super) url: SecretString,
    pub(super) secret: Option<Secret>,
}

impl Work for TellOperator {
    async fn run(self, ctx: &Ctx, run: &Run) -> Result<(), JobError> {
        let hooks: &Hooks = &ctx.hooks;
        // Taken out of the settings while this waited: then it concerns nobody.
        let Some(operator) = &hooks.operator else {
            return Ok(());
        };
        let mut tx = ctx.system.begin().await?;
        let fact = outbox::fact(&mut tx, self.organization, self.event, self.recorded_at).await?;
        drop(tx);
        let Some(fact) = fact else {
            return Ok(());
        };
        let parcel = parcel(operator, &fact, ctx.clock.now());
        let report = hooks.open.send(&parcel).await;
        hooks.measures.told_operator(&report);
        settle(&self, ctx, run, report).await
    }
}

async fn settle(job: &TellOperator, ctx: &Ctx, run: &Run, report: Report) -> Result<(), JobError> {
    let retry_after = match report.answer {
        Answer::Status {
            code: 200..=299, ..
        } => {
            let mut tx = ctx.system.begin().await?;
            webhooks::operator_was_told(&mut tx, job.organization, job.event, job.recorded_at)
                .await?;
            tx.commit().await?;
            return Ok(());
        }
        Answer::Status { retry_after, .. } => retry_after,
        Answer::Nothing => None,
    };
    let error = report.error.unwrap_or_default();
    if run.is_last() {
        let mut tx = ctx.system.begin().await?;
        webhooks::note_operator_failure(&mut tx, job, run.attempt, &error).await?;
        tx.commit().await?;
    }
    let cause = anyhow!("the operator's hook: {error}");
    Err(match retry_after {
        Some(after) => JobError::RetryAt {
            after: after.min(LONGEST_WAIT),
            cause,
        },
        None => JobError::Retry(cause),
    })
}

fn parcel(operator: &Operator, fact: &Fact, now: DateTime<Utc>) -> Parcel {
    let body = webhooks::operator_body(fact);
    let id = format!("evt_{}", fact.event);
    let mut headers = vec![("idempotency-key", id.clone())];
    if let Some(secret) = &operator.secret {
        let timestamp = now.timestamp();
        let signature = signatures(std::slice::from_ref(secret), &id, timestamp, &body);
        headers.push(("webhook-id", id));
        headers.push(("webhook-timestamp", timestamp.to_string()));
        headers.push(("webhook-signature", signature));
    }
    Parcel {
        url: operator.url.expose_secret().to_owned(),
        headers,
        body,
    }
}
