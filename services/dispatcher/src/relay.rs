//! From the outbox to those who must hear of an event.
use crate::{measures::Measures, pace};
use batchtrack_core::{
    kernel::StoreError,
    outbox::{self, Claimed, Consumer},
    platform::{Lifecycle, SystemDb},
};
use std::{error::Error as _, time::Duration};

const BATCH: u32 = 100;
/// Far longer than a batch takes; a dispatcher that dies holds its events up for so long.
const LEASE: Duration = Duration::from_secs(30);

/// Relays events until the process is to stop; trouble with the database only makes it wait.
pub async fn run(life: &Lifecycle, system: &SystemDb) {
    let measures = Measures::new();
    tokio::join!(relay(life, system, &measures), measures.watch(life, system));
}

async fn relay(life: &Lifecycle, system: &SystemDb, measures: &Measures) {
    let mut failures: u32 = 0;
    while !life.is_stopping() {
        match turn(system).await {
            Ok(done) => {
                failures = 0;
                measures.dispatched(done);
                if done > 0 {
                    continue;
                }
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                let cause = error.source().map(ToString::to_string);
                tracing::warn!(%error, cause, failures, "events could not be dispatched");
            }
        }
        life.pause(pace::wait(failures, pace::roll())).await;
    }
}

/// Deals with one batch of events and says how many that were. An event whose lease ran out on the
/// way is dealt with again by somebody else: consumers may hear of it twice, never not at all.
pub async fn turn(system: &SystemDb) -> Result<usize, StoreError> {
    let claimed = outbox::claim(system, Consumer::Dispatcher, BATCH, LEASE).await?;
    for event in &claimed {
        dispatch(event);
    }
    let done: Vec<_> = claimed.iter().map(Claimed::receipt).collect();
    let finished = outbox::finish(system, Consumer::Dispatcher, &done).await?;
    if finished < done.len() {
        tracing::warn!(
            lost = done.len() - finished,
            "some leases ran out before their events were done"
        );
    }
    Ok(done.len())
}

/// Nobody subscribes to events yet; the log is who hears of them. What they carry stays out of it.
fn dispatch(event: &Claimed) {
    tracing::info!(
        event.name = event.name,
        event.id = event.event.get(),
        organization.id = event.organization.get(),
        request.id = event.correlation,
        attempt = event.attempt,
        "event dispatched"
    );
}
