//! What one process holds of one queue, and what it asks for next. No database in here.
use super::{lanes::Lanes, lease::Lease, pile::Pile};
use batchtrack_core::jobs::{Claimed, Floor, LineEnd, Receipt, Scan, Wanted};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// In one go: beyond that the database gains nothing, and others may want some.
const AT_A_TIME: usize = 500;
/// To begin with, for nothing is known yet of how many lanes there are. Then more and more…
const FIRST: usize = 16;
/// …or less and less, down to this, where most of what is claimed has to be given back because its lanes are full.
const LEAST: usize = 8;
/// What may lie ready beyond what is being done, where jobs are cheap: one lot is done while the next
/// is fetched.
const READY: usize = 1_000;
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
    pub(super) pile: Arc<Pile>,
    /// The hands; each does one job at a time.
    pub(super) running: JoinSet<()>,
    /// Claimed, but not to be done here now.
    pub(super) surplus: Vec<Receipt>,
    pub(super) lanes: Lanes,
    pub(super) floor: Floor,
    /// How long jobs take, lately.
    pub(super) mean: Duration,
    /// There may be more in the line.
    pub(super) more: bool,
    /// How many to claim in one go: fewer where the line is long and its lanes are few.
    at_once: usize,
    /// No look before then.
    rests_until: Option<Instant>,
    count_at: Instant,
    /// Whether more may be held than at the last count. To count means to walk past all that this worker
    /// ever held and nobody could clear away yet, so an idle queue spares it.
    may_hold_more: bool,
    /// Until then something may be held of which the answer was lost.
    in_doubt_until: Option<Instant>,
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
    pub(super) end: Option<LineEnd>,
    pub(super) took: Duration,
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
            pile: Arc::default(),
            running: JoinSet::new(),
            surplus: vec![],
            lanes: Lanes::new(lane_limit),
            floor: Floor::default(),
            mean: UNKNOWN,
            more: true,
            at_once: FIRST,
            rests_until: None,
            count_at: Instant::now() + COUNT_EVERY,
            may_hold_more: false,
            in_doubt_until: None,
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        !self.more && self.pile.len() == 0 && self.running.is_empty() && self.surplus.is_empty()
    }

    /// The next look at the line, if there is a reason for one and a hand free. There is one at a time, so
    /// that while it is under way nothing else is being claimed under this lease.
    pub(super) fn look(&mut self, concurrency: usize) -> Option<Look> {
        let ahead = ahead(concurrency, self.mean);
        self.pile.tell_at(ahead / 2);
        let ready = self.pile.len();
        let is_hungry = ready <= ahead / 2;
        let room = (concurrency + ahead).saturating_sub(self.running.len() + ready);
        let most = if self.more && is_hungry {
            room.min(self.at_once)
        } else {
            0
        };
        let at = Instant::now();
        if self.rests_until.is_some_and(|until| at < until) {
            return None;
        }
        let counts = self.may_hold_more && at >= self.count_at;
        if most == 0 && self.surplus.is_empty() && !counts {
            return None;
        }
        self.pile.begun();
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
            took,
        } = seen;
        self.lease.forget(look.surplus);
        let claimed = of_lanes.iter().chain(&of_line);
        self.lease.learn(claimed.map(Claimed::receipt));
        if look.known.is_some() {
            self.has_counted();
        }
        if look.most > 0 {
            self.lanes.found(&look.wanted, &of_lanes, took);
            let asked = look.most.saturating_sub(of_lanes.len());
            let last = of_line.last().map(|job| job.place);
            if asked > 0 {
                self.floor
                    .found(look.scan, asked, of_line.len(), last, took);
            }
            if let Some(end) = end {
                self.floor.ends_at(end);
            }
            self.more = asked == 0 || of_line.len() >= asked || self.lanes.has_room();
        }
        let claimed = of_lanes.len() + of_line.len();
        self.may_hold_more |= claimed > 0;
        for job in of_lanes.into_iter().chain(of_line) {
            if self.lanes.admit(job.lane.as_deref()) {
                self.pile.put(job);
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
        self.may_hold_more = true;
        self.surplus.extend(look.surplus);
        // What was skipped for nothing is found by a look at everything.
        self.floor.forget();
        // The next look comes with the clock, not at once.
        self.more = false;
    }

    fn has_counted(&mut self) {
        let now = Instant::now();
        self.in_doubt_until = self.in_doubt_until.filter(|until| now < *until);
        self.may_hold_more = self.in_doubt_until.is_some();
        let pause = match self.in_doubt_until {
            Some(_) => RECOUNT_EVERY,
            None => COUNT_EVERY,
        };
        self.count_at = now + pause;
    }

    /// Learns from what has come to an end since the last time.
    pub(super) fn reap(&mut self) {
        for gone in self.pile.gone() {
            self.mean = (self.mean * 7 + gone.took) / 8;
            if self.lanes.leave(gone.lane.as_deref()) {
                self.more = true;
            }
        }
    }

    /// What would lie ready for longer than it took to come to this could be done elsewhere.
    pub(super) fn hand_back_excess(&mut self) {
        let begun = self.pile.begun();
        if begun == 0 && self.pile.len() > 0 {
            self.mean = self.mean.max(UNKNOWN);
        }
        self.hand_back(begun);
    }

    pub(super) fn hand_back_ready(&mut self) {
        self.hand_back(0);
    }

    /// All but the first `keep`.
    fn hand_back(&mut self, keep: usize) {
        for job in self.pile.take_back(keep) {
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
    use super::{super::fixture::claimed, *};
    use batchtrack_core::kernel::ids::WorkerId;

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
            took: Duration::ZERO,
        });
        held.pile.take_back(0);
        held.more = true;
        most
    }

    #[test]
    fn who_has_to_give_most_of_it_back_asks_for_less() {
        let mut held = Held::new(Lease::new(WorkerId::new(1)), 4);
        let asked: Vec<_> = (0..6).map(|_| look(&mut held, None)).collect();
        assert_eq!(asked, [16, 32, 64, 128, 256, 500]);
        let asked: Vec<_> = (0..7).map(|_| look(&mut held, Some("one"))).collect();
        assert_eq!(asked, [500, 250, 125, 62, 31, 15, 8]);
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
    fn only_who_was_given_something_counts_what_it_holds() {
        let mut held = Held::new(Lease::new(WorkerId::new(1)), 4);
        held.count_at = Instant::now();
        held.more = false;
        assert!(held.look(1_000).is_none());
        held.more = true;
        assert_eq!(look(&mut held, None), 16);
        let next = held.look(1_000).expect("a hand is free");
        assert_eq!(next.known.map(|known| known.len()), Some(16));
    }

    fn holding(jobs: i64) -> Held {
        let mut held = Held::new(Lease::new(WorkerId::new(1)), 100);
        held.more = false;
        for id in 1..=jobs {
            assert!(held.lanes.admit(Some("one")));
            held.pile.put(claimed(id, Some("one")));
        }
        held
    }

    fn given_back(held: &Held) -> Vec<i64> {
        held.surplus.iter().map(|job| job.id.get()).collect()
    }

    #[test]
    fn what_would_lie_ready_for_long_is_given_back_from_the_end() {
        let mut held = holding(10);
        held.mean = Duration::from_millis(1);
        for _ in 0..3 {
            held.pile.next(None);
        }
        held.hand_back_excess();
        assert_eq!(given_back(&held), [7, 8, 9, 10]);
        assert_eq!(held.pile.len(), 3);
        let look = held.look(4);
        assert!(look.is_some_and(|look| look.surplus.len() == 4 && look.most == 0));
        // Nothing was begun since: they are long ones, so none is to lie ready.
        held.hand_back_excess();
        assert_eq!(given_back(&held), [4, 5, 6]);
        assert_eq!((held.pile.len(), ahead(4, held.mean)), (0, 0));
    }

    #[test]
    fn nothing_that_lies_ready_is_kept_at_the_end() {
        let mut held = holding(5);
        held.pile.next(None);
        held.hand_back_ready();
        assert_eq!(given_back(&held), [2, 3, 4, 5]);
        assert!(held.pile.next(None).is_none());
        // The lane has its places back.
        assert!((0..99).all(|_| held.lanes.admit(Some("one"))));
        assert!(!held.lanes.admit(Some("one")));
    }

    #[test]
    fn the_next_lot_is_fetched_while_half_of_the_last_is_left() {
        let mut held = holding(0);
        (held.mean, held.more) = (Duration::from_micros(10), true);
        held.at_once = AT_A_TIME;
        let look = |held: &mut Held| held.look(4).map(|look| look.most);
        assert_eq!(look(&mut held), Some(AT_A_TIME));
        for id in 0..1_000 {
            held.pile.put(claimed(id, Some("one")));
        }
        assert_eq!(look(&mut held), None);
        for _ in 0..500 {
            held.pile.next(None);
        }
        assert_eq!(look(&mut held), Some(AT_A_TIME));
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
