//! Replays, planned part by part.
use crate::work::{Ctx, JobError, Run, Work};
use batchtrack_core::webhooks::{self, SendAgain};
use std::time::{Duration, Instant};

/// Events of one part: one transaction that nobody notices.
const AT_A_TIME: u16 = 500;
/// Then others of its queue have their turn.
const TURN: Duration = Duration::from_secs(10);

impl Work for SendAgain {
    async fn run(self, ctx: &Ctx, run: &Run) -> Result<(), JobError> {
        let start = Instant::now();
        loop {
            let mut tx = ctx.system.begin().await?;
            let more = webhooks::send_again(&mut tx, &self, &run.correlation, AT_A_TIME).await?;
            tx.commit().await?;
            if !more {
                return Ok(());
            }
            if start.elapsed() > TURN {
                return Err(JobError::Snooze(Duration::ZERO));
            }
        }
    }
}
