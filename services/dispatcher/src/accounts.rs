//! What is done for somebody who gave an address; see [`AccountErrand`].
use crate::work::{Ctx, JobError, Run, Work};
use batchtrack_core::{
    identity::{self, AccountErrand},
    jobs::backoff,
};
use std::time::Duration;

impl Work for AccountErrand {
    /// Somebody waits, so the first tries come quickly.
    fn backoff(failures: i32, roll: f64) -> Duration {
        let (first, longest) = (Duration::from_secs(5), Duration::from_hours(6));
        backoff::growing(first, 5, longest, failures, roll)
    }

    async fn run(self, ctx: &Ctx, run: &Run) -> Result<(), JobError> {
        identity::run_errand(&ctx.system, &ctx.accounts, self, &run.correlation).await?;
        Ok(())
    }
}
