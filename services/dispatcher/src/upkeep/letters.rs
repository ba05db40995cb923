use super::{
    Chore,
    chore::{AT_A_TIME, in_steps},
};
use crate::work::{Ctx, Run};
use batchtrack_core::{jobs::Every, mail};
use chrono::TimeDelta;

/// Far longer than a letter is tried.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Forgets what became of old letters.
pub(super) struct ForgetLetters;

impl Chore for ForgetLetters {
    const KIND: &'static str = "upkeep.forget_letters.v1";
    const EVERY: Every = Every::DayAt(4);

    async fn run(ctx: &Ctx, _run: &Run) -> anyhow::Result<u64> {
        let before = ctx.clock.now() - KEPT;
        in_steps(|| mail::forget_letters(&ctx.system, before, AT_A_TIME)).await
    }
}
