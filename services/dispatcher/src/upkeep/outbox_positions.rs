use super::Chore;
use crate::work::{Ctx, Run};
use batchtrack_core::{jobs::Every, outbox};

/// Forgets how far followers of events had come long ago.
pub(super) struct ForgetPositions;

impl Chore for ForgetPositions {
    const KIND: &'static str = "upkeep.forget_outbox_positions.v1";
    const EVERY: Every = Every::Minutes(10);

    async fn run(ctx: &Ctx, _run: &Run) -> anyhow::Result<u64> {
        Ok(u64::try_from(outbox::forget_positions(&ctx.system).await?)?)
    }
}
