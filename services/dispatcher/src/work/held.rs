//! What one process holds of one queue, and what it asks for next. No database in here.
use super::{lanes::Lanes, lease::Lease};
use batchtrack_core::jobs::{Claimed, Floor, Receipt, Scan, Wanted};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// In one go: beyond that the database gains nothing, and others may want some.
const AT_A_TIME: usize = 200;
/// To begin with, for nothing is known yet of how many lanes there are. Then more and more…
const FIRST: usize = 16;
/// …or less and less, down to this, where most of what is claimed has to be given back because its lanes are full.
const LEAST: usize = 8;
/// What may lie ready beyond what is being done, where jobs are cheap.
const READY: usize = 500;
/// Worth of work that lies ready.
const AHEAD: Duration = Duration::from_millis(100);
/// What jobs are taken to take before any was done.
const UNKNOWN: Duration = Duration::from_secs(1);
/// After a look that failed.
const PAUSE: Duration = Duration::from_millis(500);
/// How often to ask the database whether it thinks that we hold more than we know of.
const COUNT_EVERY: Duration = Duration::from_mins(5);
/// The same after a claim whose answer was lost, and for how long: it may still be on its way when we ask
/// first. The database ends it when nothing has come of it for ten seconds.
const RECOUNT_EVERY: Duration = Duration::from_secs(2);
const IN_DOUBT: Duration = Duration::from_secs(30);

/// What is held under one lease.
pub(super) struct Held {
    pub(super) lease: Arc<Lease>,
    pub(super) ready: VecDeque<Claimed>,
    pub(super) running: JoinSet<Gone>,
    /// Claimed, but not to be done here now.
    pub(super) surplus: Vec<Receipt>,
    pub(super) lanes: Lanes,
    pub(super) floor: Floor,
    /// How long jobs take, lately.
    pub(super) mean: Duration,
    /// There may be more in the line.
    pub(super) more: bool,
    pub(super) has_begun_any: bool,
    /// How many to claim in one go: fewer where the line is long and its lanes are few.
    at_once: usize,
    /// No look before then.
    rests_until: Option<Instant>,
    count_at: Instant,
    /// Until then something may be held of which the answer was lost.
    in_doubt_until: Option<Instant>,
}

/// Came to an end, one way or another.
pub(super) struct Gone {
    pub(super) lane: Option<String>,
    pub(super) took: Duration,
}

/// A look at the line: what to put right first, and what to ask for.
pub(super) struct Look {
    /// All that is known to be held, where the rest is to be given back.
    pub(super) known: Option<Vec<Receipt>>,
    pub(super) surplus: Vec<Receipt>,
    pub(super) wanted: Vec<Wanted>,
    pub(super) scan: Scan,
    pub(super) most: usize,
    pub(super) but: Vec<String>,
}

/// What it brought.
pub(super) struct Seen {
    pub(super) look: Look,
    pub(super) of_lanes: Vec<Claimed>,
    pub(super) of_line: Vec<Claimed>,
    /// Where the line ends, if nothing was found in it.
    pub(super) end: Option<i64>,
}

/// A look that failed, perhaps after something was claimed.
pub(super) struct Failed {
    pub(super) look: Look,
    pub(super) error: String,
}

impl Held {
    pub(super) fn new(lease: Arc<Lease>, lane_limit: usize) -> Self {
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
            at_once: FIRST,
            rests_until: None,
            count_at: Instant::now() + COUNT_EVERY,
            in_doubt_until: None,
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        !self.more && self.ready.is_empty() && self.running.is_empty() && self.surplus.is_empty()
    }

    /// The next look at the line, if there is a reason for one and a hand free. There is one at a time, so
    /// that while it is under way nothing else is being claimed under this lease.
    pub(super) fn look(&mut self, concurrency: usize) -> Option<Look> {
        let ahead = ahead(concurrency, self.mean);
        let is_hungry = self.ready.len() <= ahead / 2;
        let room = (concurrency + ahead).saturating_sub(self.running.len() + self.ready.len());
        let most = if self.more && is_hungry {
            room.min(self.at_once)
        } else {
            0
        };
        let at = Instant::now();
        if self.rests_until.is_some_and(|until| at < until) {
            return None;
        }
        let counts = at >= self.count_at;
        if most == 0 && self.surplus.is_empty() && !counts {
            return None;
        }
        Some(Look {
            known: counts.then(|| self.lease.known()),
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
        })
    }

    pub(super) fn take_in(&mut self, seen: Seen) {
        let Seen {
            look,
            of_lanes,
            of_line,
            end,
        } = seen;
        self.lease.forget(look.surplus);
        let claimed = of_lanes.iter().chain(&of_line);
        self.lease.learn(claimed.map(Claimed::receipt));
        if look.known.is_some() {
            self.has_counted();
        }
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
        let claimed = of_lanes.len() + of_line.len();
        for job in of_lanes.into_iter().chain(of_line) {
            if self.lanes.admit(job.lane.as_deref()) {
                self.ready.push_back(job);
            } else {
                self.surplus.push(job.receipt());
            }
        }
        if self.surplus.len() > claimed / 2 {
            self.at_once = (self.at_once / 2).max(LEAST);
        } else if self.surplus.is_empty() && look.most > 0 && claimed >= look.most {
            self.at_once = (self.at_once * 2).min(AT_A_TIME);
        }
    }

    pub(super) fn doubt(&mut self, look: Look) {
        self.count_at = Instant::now();
        self.rests_until = Some(self.count_at + PAUSE);
        self.in_doubt_until = Some(self.count_at + IN_DOUBT);
        self.surplus.extend(look.surplus);
        // What was skipped for nothing is found by a look at everything.
        self.floor.forget();
        // The next look comes with the clock, not at once.
        self.more = false;
    }

    fn has_counted(&mut self) {
        let now = Instant::now();
        self.in_doubt_until = self.in_doubt_until.filter(|until| now < *until);
        let pause = match self.in_doubt_until {
            Some(_) => RECOUNT_EVERY,
            None => COUNT_EVERY,
        };
        self.count_at = now + pause;
    }

    pub(super) fn reap(&mut self, gone: &Gone) {
        self.mean = (self.mean * 7 + gone.took) / 8;
        if self.lanes.leave(gone.lane.as_deref()) {
            self.more = true;
        }
    }

    /// What lies ready while everybody is busy could be done elsewhere.
    pub(super) fn hand_back_if_stuck(&mut self) {
        if !self.has_begun_any && !self.ready.is_empty() {
            self.mean = self.mean.max(UNKNOWN);
            self.hand_back_ready();
        }
        self.has_begun_any = false;
    }

    pub(super) fn hand_back_ready(&mut self) {
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
    use batchtrack_core::kernel::ids::{JobId, WorkerId};

    fn claimed(place: i64, lane: Option<&str>) -> Claimed {
        Claimed {
            id: JobId::new(place),
            place,
            kind: "test.v1".to_owned(),
            organization: None,
            args: serde_json::Value::Null,
            lane: lane.map(str::to_owned),
            correlation: String::new(),
            traceparent: None,
            enqueued_at: chrono::DateTime::UNIX_EPOCH,
            available_at: chrono::DateTime::UNIX_EPOCH,
            attempt: 1,
            failures: 0,
            suspect: false,
        }
    }

    /// A look at a line without end, all of whose jobs are in this lane; says how many were asked for.
    fn look(held: &mut Held, lane: Option<&str>) -> usize {
        let look = held.look(1_000).expect("hands are free");
        let most = look.most;
        let from = 1_000 * i64::try_from(held.lease.known().len()).expect("not so many");
        let of_line = (from..).take(most).map(|place| claimed(place, lane));
        held.take_in(Seen {
            look,
            of_lanes: vec![],
            of_line: of_line.collect(),
            end: None,
        });
        held.ready.clear();
        held.more = true;
        most
    }

    #[test]
    fn who_has_to_give_most_of_it_back_asks_for_less() {
        let mut held = Held::new(Lease::new(WorkerId::new(1)), 4);
        let asked: Vec<_> = (0..6).map(|_| look(&mut held, None)).collect();
        assert_eq!(asked, [16, 32, 64, 128, 200, 200]);
        let asked: Vec<_> = (0..7).map(|_| look(&mut held, Some("one"))).collect();
        assert_eq!(asked, [200, 100, 50, 25, 12, 8, 8]);
    }

    #[test]
    fn what_is_known_to_be_held_is_known_until_it_is_given_back() {
        let mut held = Held::new(Lease::new(WorkerId::new(1)), 4);
        assert_eq!(look(&mut held, Some("one")), 16);
        assert_eq!(held.lease.known().len(), 16);
        // All but four go back with this look.
        assert_eq!(look(&mut held, None), 8);
        assert_eq!(held.lease.known().len(), 4 + 8);
        // A look that fails leaves everything in doubt, and is not followed by another at once.
        let failed = held.look(1_000).expect("hands are free");
        assert!(failed.known.is_none());
        held.doubt(failed);
        assert!(held.look(1_000).is_none());
        held.rests_until = None;
        held.more = true;
        let next = held.look(1_000).expect("it is to ask what it holds");
        assert_eq!(next.known.map(|known| known.len()), Some(12));
    }

    #[test]
    fn cheap_jobs_lie_ready_and_long_ones_do_not() {
        assert_eq!(ahead(16, Duration::from_micros(50)), READY);
        assert_eq!(ahead(16, Duration::ZERO), READY);
        assert_eq!(ahead(16, Duration::from_millis(20)), 80);
        assert_eq!(ahead(4, Duration::from_secs(1)), 0);
        assert_eq!(ahead(64, Duration::from_hours(1)), 0);
    }
}
