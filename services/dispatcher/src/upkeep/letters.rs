use super::Chore;
use crate::work::{Ctx, Run};
use batchtrack_core::{jobs::Every, mail};
use chrono::TimeDelta;

/// Few enough that nobody waits for the locks.
const AT_A_TIME: i64 = 1_000;
/// Far longer than a letter is tried.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Forgets what became of old letters.
pub(super) struct ForgetLetters;

impl Chore for ForgetLetters {
    const KIND: &'static str = "upkeep.forget_letters.v1";
    const EVERY: Every = Every::DayAt(4);

    async fn run(ctx: &Ctx, _run: &Run) -> anyhow::Result<u64> {
        let before = ctx.clock.now() - KEPT;
        let mut all = 0;
        loop {
            match mail::forget_letters(&ctx.system, before, AT_A_TIME).await? {
                0 => return Ok(all),
                forgotten => all += u64::try_from(forgotten)?,
            }
        }
    }
}
