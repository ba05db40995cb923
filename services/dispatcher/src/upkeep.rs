//! What would pile up if nobody threw it away.
use batchtrack_core::platform::{Lifecycle, SystemDb, idempotency};
use std::time::Duration;

const EVERY: Duration = Duration::from_mins(10);
/// Few enough that nobody waits for the locks.
const AT_A_TIME: i64 = 1_000;

/// Forgets answers to writes that nobody will ask for again, until the process is to stop.
pub(crate) async fn run(life: &Lifecycle, system: &SystemDb) {
    loop {
        loop {
            match idempotency::forget(system, AT_A_TIME).await {
                Ok(0) => break,
                Ok(dropped) => tracing::debug!(dropped, "answers forgotten"),
                Err(error) => {
                    tracing::warn!(%error, "old answers could not be dropped; trying again later");
                    break;
                }
            }
            if life.is_stopping() {
                return;
            }
        }
        if !life.pause(EVERY).await {
            return;
        }
    }
}
