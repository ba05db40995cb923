//! The lease under which this process holds jobs: its entry in the list of workers, kept alive.
use batchtrack_core::{
    jobs::{self, Queue, Receipt},
    kernel::{
        StoreError,
        ids::{JobId, WorkerId},
    },
    platform::SystemDb,
};
use std::{
    collections::BTreeMap,
    error::Error as _,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// After a heartbeat that failed.
const AGAIN: Duration = Duration::from_secs(1);

/// What jobs are held under. Once it is lost they may be somebody else's, so they are let go.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) worker: WorkerId,
    lost: CancellationToken,
    /// What we know that we hold: claimed, and neither given back nor noted as ended. The database may
    /// think that it is more, where the answer to a claim was lost.
    known: Mutex<BTreeMap<JobId, i32>>,
}

impl Lease {
    pub(super) fn new(worker: WorkerId) -> Arc<Self> {
        Arc::new(Self {
            worker,
            lost: CancellationToken::new(),
            known: Mutex::default(),
        })
    }

    pub(super) fn learn(&self, claimed: impl IntoIterator<Item = Receipt>) {
        let claimed = claimed.into_iter().map(|job| (job.id, job.attempt));
        self.lock().extend(claimed);
    }

    /// These are not ours any more. What was claimed again since, under another number, is.
    pub(super) fn forget(&self, ended: impl IntoIterator<Item = Receipt>) {
        let mut known = self.lock();
        for job in ended {
            if known.get(&job.id) == Some(&job.attempt) {
                known.remove(&job.id);
            }
        }
    }

    pub(super) fn known(&self) -> Vec<Receipt> {
        let known = self.lock();
        let receipt = |(id, attempt): (&JobId, &i32)| Receipt {
            id: *id,
            attempt: *attempt,
        };
        known.iter().map(receipt).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<JobId, i32>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_cancelled()
    }
    pub(super) async fn lost(&self) {
        self.lost.cancelled().await;
    }
}

pub(super) type Leases = watch::Sender<Option<Arc<Lease>>>;

/// Who keeps a lease, and for what.
pub(super) struct Keeper {
    pub(super) system: SystemDb,
    pub(super) host: String,
    pub(super) queues: Vec<Queue>,
    pub(super) length: Duration,
}

impl Keeper {
    /// Sees to it that `leases` has one that is alive, until `finished`; a lost one is replaced.
    pub(super) async fn keep(&self, leases: &Leases, finished: &CancellationToken) {
        while !finished.is_cancelled() {
            let begun = Instant::now();
            let registered =
                jobs::register(&self.system, &self.host, std::process::id(), &self.queues);
            match in_time(self.length / 3, registered).await {
                Ok(worker) => {
                    tracing::debug!(worker.id = worker.get(), "working jobs");
                    let lease = Lease::new(worker);
                    leases.send_replace(Some(lease.clone()));
                    self.hold(&lease, begun, finished).await;
                    if !finished.is_cancelled() {
                        leases.send_replace(None);
                        lease.lost.cancel();
                    }
                }
                Err(error) => {
                    tracing::warn!(error, "no lease on jobs; trying again");
                    pause(AGAIN, finished).await;
                }
            }
        }
    }

    /// Renews it until it is lost or may be: who can't reach the database for two thirds of a lease
    /// lets go while nobody else can have its jobs yet.
    async fn hold(&self, lease: &Lease, begun: Instant, finished: &CancellationToken) {
        let mut renewed = begun;
        let mut wait = self.length / 6;
        loop {
            pause(wait, finished).await;
            if finished.is_cancelled() {
                return;
            }
            let begun = Instant::now();
            match in_time(self.length / 6, jobs::beat(&self.system, lease.worker)).await {
                Ok(true) => {
                    renewed = begun;
                    wait = self.length / 6;
                }
                Ok(false) => {
                    tracing::warn!(
                        worker.id = lease.worker.get(),
                        "this worker was given up; what it was doing is somebody else's now"
                    );
                    return;
                }
                Err(error) => {
                    tracing::warn!(error, "the lease on jobs could not be renewed");
                    wait = AGAIN.min(self.length / 6);
                }
            }
            if renewed.elapsed() > self.length * 2 / 3 {
                tracing::warn!(
                    worker.id = lease.worker.get(),
                    "the lease on jobs is as good as lost; letting go of them"
                );
                return;
            }
        }
    }
}

/// A database that does not answer must not hold anybody up.
pub(super) async fn in_time<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, String> {
    match tokio::time::timeout(patience, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }),
        Err(_elapsed) => Err("the database does not answer".to_owned()),
    }
}

async fn pause(wait: Duration, finished: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        () = finished.cancelled() => {}
    }
}
