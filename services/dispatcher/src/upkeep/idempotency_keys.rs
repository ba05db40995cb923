use super::{
    Chore,
    chore::{AT_A_TIME, in_steps},
};
use crate::work::{Ctx, Run};
use batchtrack_core::{jobs::Every, platform::idempotency};

/// Forgets answers to writes that nobody will ask for again.
pub(super) struct ForgetKeys;

impl Chore for ForgetKeys {
    const KIND: &'static str = "upkeep.forget_idempotency_keys.v1";
    const EVERY: Every = Every::Minutes(10);

    async fn run(ctx: &Ctx, _run: &Run) -> anyhow::Result<u64> {
        in_steps(|| idempotency::forget(&ctx.system, AT_A_TIME)).await
    }
}
