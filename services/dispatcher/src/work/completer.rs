//! Notes what has been done, many jobs at a time.
use super::{lease::Lease, measures::Measures};
use batchtrack_core::{
    jobs::{self, Fate, Finished, Receipt},
    kernel::{Fault as _, Kind, StoreError},
    platform::SystemDb,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// In one go; more than that gains nothing.
const MOST: usize = 500;
/// A go begins with so many, or after so long: what comes while one is on its way goes with the next.
const ENOUGH: usize = 200;
const PATIENCE: Duration = Duration::from_millis(2);
/// What may wait to be noted; then the workers wait, too.
pub(super) const BACKLOG: usize = 1_000;
const ANSWER: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A job that came to an end, and the lease under which it was done.
pub(super) struct Ended {
    pub(super) lease: Arc<Lease>,
    pub(super) finished: Finished,
}

/// What was noted, for those who want to know in the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: usize,
    /// Failed, and tried again or dead.
    pub failed: usize,
    /// To be gone on with later: a receiver did not answer, say.
    pub put_off: usize,
}

/// Goes on until nobody can send any more.
pub(super) async fn complete(
    system: &SystemDb,
    measures: &Measures,
    mut ended: mpsc::Receiver<Ended>,
) -> Tally {
    let mut tally = Tally::default();
    let mut batch = Vec::with_capacity(MOST);
    while ended.recv_many(&mut batch, MOST).await > 0 {
        if batch.len() < ENOUGH {
            // Not woken by each of them.
            tokio::time::sleep(PATIENCE).await;
            while batch.len() < MOST
                && let Ok(more) = ended.try_recv()
            {
                batch.push(more);
            }
        }
        for job in &batch {
            match &job.finished.fate {
                Fate::Done => tally.done += 1,
                Fate::Later { failed: false, .. } => tally.put_off += 1,
                Fate::Later { .. } | Fate::Dead { .. } => tally.failed += 1,
            }
        }
        let mut leases: BTreeMap<i64, (Arc<Lease>, Vec<Finished>)> = BTreeMap::new();
        for Ended { lease, finished } in batch.drain(..) {
            let held = leases.entry(lease.worker.get());
            held.or_insert_with(|| (lease, vec![])).1.push(finished);
        }
        for (lease, finished) in leases.into_values() {
            note(system, measures, &lease, finished).await;
        }
    }
    tally
}

/// Until it is noted, or the lease is lost and somebody else does it all again anyway.
async fn note(system: &SystemDb, measures: &Measures, lease: &Lease, finished: Vec<Finished>) {
    let mut pause = Duration::from_millis(50);
    loop {
        let noting = jobs::finish(system, lease.worker, &finished);
        let trouble = match tokio::time::timeout(ANSWER, noting).await {
            Ok(Ok(flushed)) => {
                lease.forget(receipts(&finished));
                if flushed.lost > 0 {
                    measures.lost(flushed.lost);
                    tracing::warn!(
                        lost = flushed.lost,
                        "jobs were no longer ours when they were done; others do them again"
                    );
                }
                return;
            }
            Ok(Err(error)) if is_their_fault(&error) => {
                return one_by_one(system, measures, lease, finished, &error).await;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_elapsed) => "the database does not answer".to_owned(),
        };
        if lease.is_lost() {
            measures.lost(finished.len());
            tracing::warn!(
                error = trouble,
                lost = finished.len(),
                "jobs were done under a lease that is lost; others do them again"
            );
            return;
        }
        tracing::warn!(
            error = trouble,
            "what is done could not be noted; trying again"
        );
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether the database would say the same tomorrow.
fn is_their_fault(error: &StoreError) -> bool {
    error.kind() != Kind::Unavailable
}

/// One of them can't be noted; the others can. That one is given back when the worker next asks itself
/// what it holds, and is done again.
async fn one_by_one(
    system: &SystemDb,
    measures: &Measures,
    lease: &Lease,
    finished: Vec<Finished>,
    error: &StoreError,
) {
    if let [job] = finished.as_slice() {
        let id = job.job.id.get();
        tracing::error!(job.id = id, %error, "that a job is done could not be noted");
        return lease.forget(receipts(&finished));
    }
    for job in finished {
        Box::pin(note(system, measures, lease, vec![job])).await;
    }
}

fn receipts(finished: &[Finished]) -> impl Iterator<Item = Receipt> {
    finished.iter().map(|job| job.job)
}
