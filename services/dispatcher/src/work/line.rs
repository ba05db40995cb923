//! One queue: takes jobs from its line, as many as it has hands for, and does them.
use super::{
    attempt::Bench,
    completer::Ended,
    held::{Failed, Held, Look, Seen},
    lease::{Lease, in_time},
    pile::{Gone, Pile},
};
use crate::pace;
use batchtrack_core::{
    jobs::{self, Finished, Queue},
    kernel::ids::WorkerId,
    platform::{Lifecycle, wake::Listener},
};
use futures_util::{FutureExt as _, future::BoxFuture};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

const ANSWER: Duration = Duration::from_secs(10);

/// What a line is worked with.
pub(super) struct Line {
    pub(super) bench: Arc<Bench>,
    pub(super) queue: Queue,
    pub(super) concurrency: usize,
    pub(super) lane_limit: usize,
    pub(super) poll: Duration,
    pub(super) ended: mpsc::Sender<Ended>,
    pub(super) leases: watch::Receiver<Option<Arc<Lease>>>,
    pub(super) rung: Listener,
    /// Whether to leave when nothing waits any more.
    pub(super) once: bool,
    /// How long what is under way may take once the process is to stop.
    pub(super) patience: Duration,
}

impl Line {
    /// Until the process is to stop.
    pub(super) async fn work(mut self, life: Lifecycle) {
        loop {
            let lease = tokio::select! {
                lease = self.leases.wait_for(|lease| lease.as_ref().is_some_and(|lease| !lease.is_lost())) => {
                    match lease {
                        Ok(lease) => lease.clone(),
                        Err(_closed) => return,
                    }
                }
                () = life.stopping() => return,
            };
            let Some(lease) = lease else { return };
            let mut held = Held::new(lease, self.lane_limit);
            let is_over = self.work_under(&mut held, &life).await;
            self.let_go(held, &life).await;
            if is_over {
                return;
            }
        }
    }

    /// Until the lease is lost (`false`), or there is nothing more to do.
    async fn work_under(&self, held: &mut Held, life: &Lifecycle) -> bool {
        let lease = held.lease.clone();
        let mut looking: Option<BoxFuture<'_, Result<Seen, Failed>>> = None;
        let mut next_look = Instant::now() + self.poll;
        loop {
            held.reap();
            self.put_hands_to_work(held);
            if looking.is_none()
                && let Some(look) = held.look(self.concurrency)
            {
                next_look = Instant::now() + self.poll.mul_f64(0.75 + pace::roll() / 4.0);
                looking = Some(self.seek(look, held.lease.worker).boxed());
            }
            if self.once && looking.is_none() && held.is_idle() {
                return true;
            }
            tokio::select! {
                () = life.stopping() => {
                    // Nothing begins from here on.
                    held.hand_back_ready();
                    // What is being claimed is ours; it must not be forgotten.
                    if let Some(looking) = looking {
                        self.take_in(held, looking.await);
                    }
                    return true;
                }
                () = lease.lost() => return false,
                () = held.pile.news() => {}
                Some(_) = held.running.join_next() => {}
                seen = either(&mut looking) => {
                    looking = None;
                    self.take_in(held, seen);
                }
                () = self.rung.rung() => held.more = true,
                () = tokio::time::sleep_until(next_look) => {
                    next_look = Instant::now() + self.poll;
                    held.hand_back_excess();
                    held.more = true;
                }
            }
        }
    }

    /// As many as there are jobs for; each goes on until none is left.
    fn put_hands_to_work(&self, held: &mut Held) {
        let idle = self.concurrency.saturating_sub(held.running.len());
        for _ in 0..idle.min(held.pile.len()) {
            let hand = Hand {
                bench: self.bench.clone(),
                queue: self.queue,
                lease: held.lease.clone(),
                ended: self.ended.clone(),
                pile: held.pile.clone(),
            };
            held.running.spawn(hand.work());
        }
    }

    /// Looks at the line, and puts right first what went wrong before.
    async fn seek(&self, look: Look, worker: WorkerId) -> Result<Seen, Failed> {
        let system = &self.bench.system;
        let (mut of_lanes, mut of_line, mut end) = (vec![], vec![], None);
        let begun = Instant::now();
        let work = async {
            if let Some(known) = &look.known {
                let freed = jobs::disown(system, worker, self.queue, known).await?;
                if freed > 0 {
                    tracing::warn!(
                        queue = self.queue.as_str(),
                        freed,
                        "jobs were held that nobody here knew of; they are given back"
                    );
                }
            }
            if !look.surplus.is_empty() {
                jobs::release(system, worker, &look.surplus, None).await?;
            }
            if !look.wanted.is_empty() {
                of_lanes = jobs::claim_lanes(system, worker, self.queue, &look.wanted).await?;
            }
            let most = look.most.saturating_sub(of_lanes.len());
            if most > 0 {
                let but = look.but.clone();
                of_line = jobs::claim(system, worker, self.queue, look.scan, most, but).await?;
                if of_line.is_empty() {
                    end = Some(jobs::end_of_lines(system).await?);
                }
            }
            Ok(())
        };
        match in_time(ANSWER, work).await {
            Ok(()) => Ok(Seen {
                look,
                of_lanes,
                of_line,
                end,
                took: begun.elapsed(),
            }),
            Err(error) => Err(Failed { look, error }),
        }
    }

    fn take_in(&self, held: &mut Held, seen: Result<Seen, Failed>) {
        match seen {
            Ok(seen) => held.take_in(seen),
            Err(Failed { look, error }) => {
                tracing::warn!(
                    queue = self.queue.as_str(),
                    error,
                    "no jobs could be claimed"
                );
                held.doubt(look);
            }
        }
    }

    /// Gives back what has not begun, and gives what has some time to end.
    async fn let_go(&self, mut held: Held, life: &Lifecycle) {
        let system = &self.bench.system;
        held.hand_back_ready();
        if !held.lease.is_lost() && !held.surplus.is_empty() {
            let worker = held.lease.worker;
            let back = jobs::release(system, worker, &held.surplus, Some(self.queue));
            if let Err(error) = in_time(ANSWER, back).await {
                tracing::debug!(
                    error,
                    "jobs could not be handed back; they are when the worker leaves"
                );
            }
        }
        let all = async { while held.running.join_next().await.is_some() {} };
        tokio::select! {
            () = all => {}
            () = held.lease.lost() => {}
            () = life.stopped() => {}
            () = async { life.stopping().await; tokio::time::sleep(self.patience).await } => {}
        }
        if !held.running.is_empty() {
            self.bench.measures.ended(self.queue, held.running.len());
            tracing::warn!(
                queue = self.queue.as_str(),
                jobs = held.running.len(),
                "jobs were broken off; they are done again"
            );
        }
        held.running.shutdown().await;
    }
}

/// Does one job after the other.
struct Hand {
    bench: Arc<Bench>,
    queue: Queue,
    lease: Arc<Lease>,
    ended: mpsc::Sender<Ended>,
    pile: Arc<Pile>,
}

impl Hand {
    async fn work(self) {
        let mut gone = None;
        while let Some(job) = self.pile.next(gone) {
            let measures = &self.bench.measures;
            let kind = self.bench.registry.known(&job.kind);
            let kind = kind.map_or("unknown", |known| known.kind);
            let waited = self.bench.ctx.clock.now() - job.available_at;
            measures.begun(self.queue, kind, waited);
            let (begun, lane, receipt) = (Instant::now(), job.lane.clone(), job.receipt());
            let fate = self.bench.attempt(&self.lease, job).await;
            let took = begun.elapsed();
            match fate {
                Some(fate) => {
                    let finished = Finished { job: receipt, fate };
                    let lease = self.lease.clone();
                    // Whoever notes it has left only if nobody waits for it any more.
                    let _ = self.ended.send(Ended { lease, finished }).await;
                }
                None => self.lease.forget([receipt]),
            }
            measures.ended(self.queue, 1);
            gone = Some(Gone { lane, took });
        }
    }
}

/// What is being waited for, or never.
async fn either<T>(looking: &mut Option<BoxFuture<'_, T>>) -> T {
    match looking {
        Some(looking) => looking.await,
        None => std::future::pending().await,
    }
}
