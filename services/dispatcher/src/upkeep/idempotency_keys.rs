use super::Chore;
use crate::work::{Ctx, Run};
use batchtrack_core::{jobs::Every, platform::idempotency};

/// Few enough that nobody waits for the locks.
const AT_A_TIME: i64 = 1_000;

/// Forgets answers to writes that nobody will ask for again.
pub(super) struct ForgetKeys;

impl Chore for ForgetKeys {
    const KIND: &'static str = "upkeep.forget_idempotency_keys.v1";
    const EVERY: Every = Every::Minutes(10);

    async fn run(ctx: &Ctx, _run: &Run) -> anyhow::Result<u64> {
        let mut all = 0;
        loop {
            match idempotency::forget(&ctx.system, AT_A_TIME).await? {
                0 => return Ok(all),
                forgotten => all += u64::try_from(forgotten)?,
            }
        }
    }
}
