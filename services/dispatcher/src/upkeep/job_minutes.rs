use super::Chore;
use crate::work::{Ctx, Run};
use batchtrack_core::jobs::{Every, operate};

const KEPT_HOURS: i32 = 24;

/// Forgets how jobs went long ago.
pub(super) struct ForgetMinutes;

impl Chore for ForgetMinutes {
    const KIND: &'static str = "upkeep.forget_job_minutes.v1";
    const EVERY: Every = Every::Minutes(60);

    async fn run(ctx: &Ctx, _run: &Run) -> anyhow::Result<u64> {
        let mut tx = ctx.system.begin().await?;
        let forgotten = operate::forget_minutes(&mut tx, KEPT_HOURS).await?;
        tx.commit().await?;
        Ok(u64::try_from(forgotten)?)
    }
}
