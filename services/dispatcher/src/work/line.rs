//! One queue: takes jobs from its line, as many as it has hands for, and does them.
use super::{
    attempt::Bench,
    completer::Ended,
    lanes::Lanes,
    lease::{Lease, in_time},
};
use crate::pace;
use batchtrack_core::{
    jobs::{self, Claimed, Finished, Floor, Queue, Receipt, Scan, Wanted},
    kernel::ids::WorkerId,
    platform::{Lifecycle, wake::Listener},
};
use chrono::{DateTime, Utc};
use futures_util::{FutureExt as _, future::BoxFuture};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::Instant,
};

/// In one go: beyond that the database gains nothing, and others may want some.
const AT_A_TIME: usize = 200;
/// What may lie ready beyond what is being done, where jobs are cheap.
const READY: usize = 500;
/// Worth of work that lies ready.
const AHEAD: Duration = Duration::from_millis(100);
const ANSWER: Duration = Duration::from_secs(10);
/// What jobs are taken to take before any was done.
const UNKNOWN: Duration = Duration::from_secs(1);

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

/// What is held under one lease.
struct Held {
    lease: Arc<Lease>,
    ready: VecDeque<Claimed>,
    running: JoinSet<Gone>,
    /// Claimed, but not to be done here now.
    surplus: Vec<Receipt>,
    lanes: Lanes,
    floor: Floor,
    /// How long jobs take, lately.
    mean: Duration,
    /// There may be more in the line.
    more: bool,
    has_begun_any: bool,
    /// Something may have been claimed since then of which the answer was lost.
    in_doubt_since: Option<DateTime<Utc>>,
}

/// Came to an end, one way or another.
struct Gone {
    lane: Option<String>,
    took: Duration,
}

/// A look at the line: what to put right first, and what to ask for.
struct Look {
    in_doubt_since: Option<DateTime<Utc>>,
    surplus: Vec<Receipt>,
    wanted: Vec<Wanted>,
    scan: Scan,
    most: usize,
    but: Vec<String>,
    begun: DateTime<Utc>,
}

/// What it brought.
struct Seen {
    look: Look,
    of_lanes: Vec<Claimed>,
    of_line: Vec<Claimed>,
    /// Where the line ends, if nothing was found in it.
    end: Option<i64>,
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
            self.begin_ready(held);
            if looking.is_none()
                && let Some(look) = held.look(self.concurrency, self.bench.ctx.clock.now())
            {
                next_look = Instant::now() + self.poll.mul_f64(0.75 + pace::roll() / 4.0);
                looking = Some(self.seek(look, held.lease.worker).boxed());
            }
            if self.once && looking.is_none() && held.is_idle() {
                return true;
            }
            tokio::select! {
                () = life.stopping() => {
                    // What is being claimed is ours; it must not be forgotten.
                    if let Some(looking) = looking {
                        self.take_in(held, looking.await);
                    }
                    return true;
                }
                () = lease.lost() => return false,
                Some(gone) = held.running.join_next() => {
                    self.bench.measures.ended(self.queue, 1);
                    if let Ok(gone) = gone {
                        held.reap(&gone);
                    }
                }
                seen = either(&mut looking) => {
                    looking = None;
                    self.take_in(held, seen);
                }
                () = self.rung.rung() => held.more = true,
                () = tokio::time::sleep_until(next_look) => {
                    next_look = Instant::now() + self.poll;
                    held.hand_back_if_stuck();
                    held.more = true;
                }
            }
        }
    }

    fn begin_ready(&self, held: &mut Held) {
        while held.running.len() < self.concurrency
            && let Some(job) = held.ready.pop_front()
        {
            held.has_begun_any = true;
            let waited = self.bench.ctx.clock.now() - job.available_at;
            self.bench.measures.begun(self.queue, waited);
            let (bench, lease, ended) =
                (self.bench.clone(), held.lease.clone(), self.ended.clone());
            held.running.spawn(async move {
                let (begun, lane, receipt) = (Instant::now(), job.lane.clone(), job.receipt());
                let fate = bench.attempt(&lease, job).await;
                let took = begun.elapsed();
                if let Some(fate) = fate {
                    let finished = Finished { job: receipt, fate };
                    // Whoever notes it has left only if nobody waits for it any more.
                    let _ = ended.send(Ended { lease, finished }).await;
                }
                Gone { lane, took }
            });
        }
    }

    /// Looks at the line, and puts right first what went wrong before.
    async fn seek(&self, look: Look, worker: WorkerId) -> Result<Seen, Failed> {
        let system = &self.bench.system;
        let (mut of_lanes, mut of_line, mut end) = (vec![], vec![], None);
        let work = async {
            if let Some(since) = look.in_doubt_since {
                jobs::disown(system, worker, self.queue, since).await?;
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
        let all = async {
            while held.running.join_next().await.is_some() {
                self.bench.measures.ended(self.queue, 1);
            }
        };
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

/// A look that failed, perhaps after something was claimed.
struct Failed {
    look: Look,
    error: String,
}

/// What is being waited for, or never.
async fn either<T>(looking: &mut Option<BoxFuture<'_, T>>) -> T {
    match looking {
        Some(looking) => looking.await,
        None => std::future::pending().await,
    }
}

impl Held {
    fn new(lease: Arc<Lease>, lane_limit: usize) -> Self {
        Self {
            lease,
            ready: VecDeque::new(),
            running: JoinSet::new(),
            surplus: vec![],
            lanes: Lanes::new(lane_limit),
            floor: Floor::default(),
            mean: UNKNOWN,
            more: true,
            has_begun_any: false,
            in_doubt_since: None,
        }
    }

    fn is_idle(&self) -> bool {
        !self.more && self.ready.is_empty() && self.running.is_empty() && self.surplus.is_empty()
    }

    /// The next look at the line, if there is a reason for one and a hand free.
    fn look(&mut self, concurrency: usize, now: DateTime<Utc>) -> Option<Look> {
        let ahead = ahead(concurrency, self.mean);
        let is_hungry = self.ready.len() <= ahead / 2;
        let room = (concurrency + ahead).saturating_sub(self.running.len() + self.ready.len());
        let most = if self.more && is_hungry {
            room.min(AT_A_TIME)
        } else {
            0
        };
        if most == 0 && self.surplus.is_empty() {
            return None;
        }
        let at = std::time::Instant::now();
        Some(Look {
            in_doubt_since: self.in_doubt_since.take(),
            surplus: std::mem::take(&mut self.surplus),
            wanted: if most > 0 {
                self.lanes.wanted(most, at)
            } else {
                vec![]
            },
            but: self.lanes.pass_over(),
            scan: if most > 0 {
                self.floor.scan(at)
            } else {
                Scan::default()
            },
            most,
            begun: now,
        })
    }

    fn take_in(&mut self, seen: Seen) {
        let Seen {
            look,
            of_lanes,
            of_line,
            end,
        } = seen;
        if look.most > 0 {
            self.lanes.found(&look.wanted, &of_lanes);
            let asked = look.most.saturating_sub(of_lanes.len());
            let last = of_line.last().map(|job| job.place);
            if asked > 0 {
                self.floor.found(look.scan, asked, of_line.len(), last);
            }
            if let Some(end) = end {
                self.floor.ends_at(end);
            }
            self.more = asked == 0 || of_line.len() >= asked || self.lanes.has_room();
        }
        for job in of_lanes.into_iter().chain(of_line) {
            if self.lanes.admit(job.lane.as_deref()) {
                self.ready.push_back(job);
            } else {
                self.surplus.push(job.receipt());
            }
        }
    }

    fn doubt(&mut self, look: Look) {
        let since = look
            .in_doubt_since
            .map_or(look.begun, |since| since.min(look.begun));
        self.in_doubt_since = Some(since);
        self.surplus.extend(look.surplus);
        // What was skipped for nothing is found by a look at everything.
        self.floor.forget();
        // The next look comes with the clock, not at once.
        self.more = false;
    }

    fn reap(&mut self, gone: &Gone) {
        self.mean = (self.mean * 7 + gone.took) / 8;
        if self.lanes.leave(gone.lane.as_deref()) {
            self.more = true;
        }
    }

    /// What lies ready while everybody is busy could be done elsewhere.
    fn hand_back_if_stuck(&mut self) {
        if !self.has_begun_any && !self.ready.is_empty() {
            self.mean = self.mean.max(UNKNOWN);
            self.hand_back_ready();
        }
        self.has_begun_any = false;
    }

    fn hand_back_ready(&mut self) {
        for job in self.ready.drain(..) {
            self.lanes.leave(job.lane.as_deref());
            self.surplus.push(job.receipt());
        }
    }
}

/// How many jobs to have ready beyond those that are being done: none where they take long, many
/// where a look at the line takes longer than they do.
fn ahead(concurrency: usize, mean: Duration) -> usize {
    let concurrency = u32::try_from(concurrency).unwrap_or(u32::MAX);
    let worth = AHEAD.saturating_mul(concurrency).as_micros();
    usize::try_from(worth / mean.as_micros().max(1))
        .unwrap_or(READY)
        .min(READY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cheap_jobs_lie_ready_and_long_ones_do_not() {
        assert_eq!(ahead(16, Duration::from_micros(50)), READY);
        assert_eq!(ahead(16, Duration::ZERO), READY);
        assert_eq!(ahead(16, Duration::from_millis(20)), 80);
        assert_eq!(ahead(4, Duration::from_secs(1)), 0);
        assert_eq!(ahead(64, Duration::from_hours(1)), 0);
    }
}
