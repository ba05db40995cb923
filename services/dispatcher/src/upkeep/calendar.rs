//! Asks for each chore when its time has come. Any number of processes may keep the calendar: the
//! database lets each slot of time be asked for once.
use super::RECURRING;
use crate::pace;
use batchtrack_core::{
    jobs,
    kernel::StoreError,
    platform::{Lifecycle, SystemDb},
};
use std::{collections::HashMap, error::Error as _, time::Duration};

const EVERY: Duration = Duration::from_secs(15);

/// Until the process is to stop.
pub async fn keep(life: &Lifecycle, system: &SystemDb) {
    loop {
        if let Err(error) = look(system).await {
            let cause = error.source().map(ToString::to_string);
            tracing::warn!(%error, cause, "upkeep could not be asked for");
        }
        let pause = EVERY.mul_f64(0.75 + pace::roll() / 4.0);
        if !life.pause(pause).await {
            return;
        }
    }
}

/// One statement where nothing is due.
async fn look(system: &SystemDb) -> Result<(), StoreError> {
    let asked: HashMap<_, _> = jobs::slots(system).await?.into_iter().collect();
    for recurring in RECURRING {
        let job = (recurring.job)();
        let slot = recurring.every.slot(system.clock().now());
        if asked.get(job.kind()).is_none_or(|last| *last < slot) {
            jobs::ask_once(system, slot, job).await?;
        }
    }
    Ok(())
}
