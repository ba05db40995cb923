//! From a job to what is to be sent, with the endpoint held while that is decided.
use super::Hooks;
use crate::{
    pace,
    work::{Ctx, JobError},
};
use anyhow::Context as _;
use batchtrack_core::webhooks::{self, Deliver, Ready, Started, signatures};
use chrono::{DateTime, Utc};
use std::time::Duration;

use super::send::Parcel;

/// `None`: there is nothing left to do.
pub(super) async fn prepare(
    ctx: &Ctx,
    hooks: &Hooks,
    job: &Deliver,
) -> Result<Option<Box<Ready>>, JobError> {
    let mut tx = ctx.system.begin().await?;
    match webhooks::begin(&mut tx, job, &hooks.desk.safe).await? {
        Started::Go(ready) => {
            tx.commit().await?;
            Ok(Some(ready))
        }
        Started::NotYet(at) => Err(JobError::Snooze(until(at, tx.now()))),
        Started::Nothing => Ok(None),
        Started::Over(reason) => {
            webhooks::cancel(&mut tx, job, reason).await?;
            tx.commit().await?;
            Ok(None)
        }
        Started::Locked(error) => {
            let endpoint = job.endpoint;
            let locked = Err(error).with_context(|| format!("the secrets of endpoint {endpoint}"));
            Ok(locked?)
        }
    }
}

/// A little longer for some than for others, where many wait for the same moment.
fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    let wait = (at - now).to_std().unwrap_or_default();
    wait + Duration::from_millis(250).mul_f64(pace::roll())
}

/// The request of an attempt that is made `now`.
pub(super) fn parcel(ready: &Ready, now: DateTime<Utc>) -> Parcel {
    let timestamp = now.timestamp();
    let signature = signatures(&ready.secrets, &ready.message_id, timestamp, &ready.body);
    Parcel {
        url: ready.url.clone(),
        headers: vec![
            ("webhook-id", ready.message_id.clone()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature),
        ],
        body: ready.body.clone(),
    }
}
