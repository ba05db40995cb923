use super::{
    Chore,
    chore::{AT_A_TIME, in_steps},
};
use crate::work::{Ctx, Run};
use batchtrack_core::{jobs::Every, webhooks};

/// Forgets signing secrets that have been replaced and sign nothing any more.
pub(super) struct ForgetSecrets;

impl Chore for ForgetSecrets {
    const KIND: &'static str = "upkeep.forget_webhook_secrets.v1";
    const EVERY: Every = Every::Minutes(60);

    async fn run(ctx: &Ctx, _run: &Run) -> anyhow::Result<u64> {
        in_steps(|| webhooks::forget_secrets(&ctx.system, AT_A_TIME)).await
    }
}
