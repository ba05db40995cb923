use super::{
    Chore,
    chore::{AT_A_TIME, in_steps},
};
use crate::work::{Ctx, Run};
use batchtrack_core::{identity, jobs::Every};
use chrono::TimeDelta;

/// Longer than any limit looks back.
const KEPT: TimeDelta = TimeDelta::days(1);

/// Forgets links and codes that have run out, and how often letters were asked for.
pub(super) struct ForgetLeftovers;

impl Chore for ForgetLeftovers {
    const KIND: &'static str = "upkeep.forget_account_leftovers.v1";
    const EVERY: Every = Every::Minutes(60);

    async fn run(ctx: &Ctx, _run: &Run) -> anyhow::Result<u64> {
        let before = ctx.clock.now() - KEPT;
        let system = &ctx.system;
        let links = in_steps(|| identity::forget_links(system, before, AT_A_TIME)).await?;
        let codes = in_steps(|| identity::forget_codes(system, before, AT_A_TIME)).await?;
        let limits = in_steps(|| identity::forget_limits(system, before, AT_A_TIME)).await?;
        Ok(links + codes + limits)
    }
}
