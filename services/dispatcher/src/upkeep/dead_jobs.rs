use super::{
    Chore,
    chore::{AT_A_TIME, in_steps},
};
use crate::work::{Ctx, Run};
use batchtrack_core::jobs::{self, Every};
use chrono::TimeDelta;

/// Forgets jobs that died so long ago that nobody will ask for them any more.
pub(super) struct ForgetDead;

impl Chore for ForgetDead {
    const KIND: &'static str = "upkeep.forget_dead_jobs.v1";
    const EVERY: Every = Every::DayAt(3);

    async fn run(ctx: &Ctx, _run: &Run) -> anyhow::Result<u64> {
        let days = ctx.settings.jobs.dead_retention_days.get();
        let before = ctx.clock.now() - TimeDelta::days(i64::from(days));
        in_steps(|| jobs::forget_dead(&ctx.system, before, AT_A_TIME)).await
    }
}
