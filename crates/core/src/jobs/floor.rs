//! Where in its line a worker begins to look.
//!
//! Jobs leave the line at its beginning, and what they leave there can't be cleared away while a
//! snapshot is held open somewhere: who always began at the beginning would soon read nothing but
//! remains. So a worker remembers how far the line had gone, begins a little before that, and looks at
//! the whole line only now and then, for what was put back or came late.
use std::time::{Duration, Instant};

/// So many places may still be written by transactions that have theirs already.
pub const SLACK: i64 = 2_000;
/// What was put back, or came later than that, waits at most so long to be found…
pub const WHOLE_EVERY: Duration = Duration::from_secs(5);
/// …unless a look at the whole line takes so long, with all that lies about there, that it would cost
/// more than this share of all time.
const SHARE: u32 = 20;

/// What one worker remembers of one line.
#[derive(Debug, Clone, Default)]
pub struct Floor {
    low: i64,
    /// What lay in the line before this place was to be seen by the next look.
    end: i64,
    /// An end of the line before which somebody had still to commit.
    open: Option<LineEnd>,
    whole_at: Option<Instant>,
    /// How long the last look at the whole line took.
    whole_took: Duration,
}

/// Where a line ended at some moment. Transactions are numbered in the order in which they began to
/// write; all before `oldest` had ended, and none from `next` on had begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineEnd {
    /// The last place that was given to a job.
    pub place: i64,
    pub oldest: i64,
    pub next: i64,
}

/// One look at a line: at places above `from`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scan {
    pub from: i64,
    is_whole: bool,
}

impl Scan {
    /// Whether it begins at the beginning.
    pub const fn is_whole(self) -> bool {
        self.is_whole
    }
}

impl Floor {
    pub fn scan(&mut self, now: Instant) -> Scan {
        let every = WHOLE_EVERY.max(self.whole_took * SHARE);
        let is_due = |at: Instant| now.saturating_duration_since(at) >= every;
        let is_whole = self.whole_at.is_none_or(is_due);
        if is_whole {
            self.whole_at = Some(now);
        }
        Scan {
            from: if is_whole { 0 } else { self.low },
            is_whole,
        }
    }

    /// Learns from a look that was to bring `asked` jobs and brought as many as it found, the last
    /// one from the place `last`, in the time that it `took`.
    pub fn found(
        &mut self,
        scan: Scan,
        asked: usize,
        found: usize,
        last: Option<i64>,
        took: Duration,
    ) {
        if scan.is_whole {
            self.whole_took = took;
        }
        let Some(last) = last else {
            // Whatever there was before the end of that time has been taken.
            self.rise(self.end);
            return;
        };
        if found >= asked && scan.is_whole {
            // There may be more behind it, long before where we were.
            self.low = below(last);
        } else {
            self.rise(last);
        }
    }

    /// Learns where the line ends, for the next look. A place counts once everybody has ended who may
    /// have been given an earlier one: a transaction that writes many jobs commits them all late.
    pub fn ends_at(&mut self, end: LineEnd) {
        if let Some(open) = self.open.filter(|open| open.next <= end.oldest) {
            self.end = self.end.max(open.place);
            self.open = None;
        }
        if end.next <= end.oldest {
            self.end = self.end.max(end.place);
        } else if self.open.is_none() {
            self.open = Some(end);
        }
    }

    /// Makes the next look one at the whole line.
    pub const fn forget(&mut self) {
        self.whole_at = None;
    }

    fn rise(&mut self, seen: i64) {
        self.low = self.low.max(below(seen));
    }
}

fn below(place: i64) -> i64 {
    place.saturating_sub(SLACK).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// A line as the database keeps it, and what happens to it between looks.
    #[derive(Debug, Clone)]
    enum Step {
        /// So many jobs join at the end.
        Join(usize),
        /// A transaction takes a place now and commits after so many other steps.
        JoinLate(usize),
        /// A job comes back to a place that the line has long left behind.
        PutBack(i64),
        /// Another worker takes so many.
        Others(usize),
        Look(usize),
        Wait(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (1..4_000_usize).prop_map(Step::Join),
            (0..20_usize).prop_map(Step::JoinLate),
            (1..20_000_i64).prop_map(Step::PutBack),
            (1..3_000_usize).prop_map(Step::Others),
            (1..500_usize).prop_map(Step::Look),
            (1..7_000_u64).prop_map(Step::Wait),
        ]
    }

    #[derive(Default)]
    struct Line {
        waiting: BTreeSet<i64>,
        end: i64,
        oldest: i64,
        next: i64,
    }

    impl Line {
        fn look(&mut self, floor: &mut Floor, now: Instant, asked: usize) -> (Scan, Vec<i64>) {
            let scan = floor.scan(now);
            let found: Vec<_> = self
                .waiting
                .range(scan.from + 1..)
                .copied()
                .take(asked)
                .collect();
            for place in &found {
                self.waiting.remove(place);
            }
            let took = Duration::from_millis(5);
            floor.found(scan, asked, found.len(), found.last().copied(), took);
            if found.is_empty() {
                floor.ends_at(LineEnd {
                    place: self.end,
                    oldest: self.oldest,
                    next: self.next,
                });
            }
            (scan, found)
        }
    }

    proptest! {
        #[test]
        fn nobody_waits_for_ever_whatever_happens_to_the_line(
            steps in prop::collection::vec(step(), 1..80),
        ) {
            let (mut line, mut floor, mut now) = (Line::default(), Floor::default(), Instant::now());
            let mut late: Vec<(usize, i64)> = vec![];
            for (at, step) in steps.into_iter().enumerate() {
                let arrived: Vec<_> = late.extract_if(.., |(when, _)| *when <= at).collect();
                line.waiting.extend(arrived.into_iter().map(|(_, place)| place));
                match step {
                    Step::Join(many) => for _ in 0..many {
                        line.end += 1;
                        line.waiting.insert(line.end);
                    },
                    Step::JoinLate(after) => {
                        line.end += 1;
                        late.push((at + after, line.end));
                    }
                    Step::PutBack(place) => if place <= line.end {
                        line.waiting.insert(place);
                    },
                    Step::Others(many) => for _ in 0..many {
                        line.waiting.pop_first();
                    },
                    Step::Look(asked) => {
                        let (_, found) = line.look(&mut floor, now, asked);
                        prop_assert!(found.is_sorted());
                    }
                    Step::Wait(ms) => now += Duration::from_millis(ms),
                }
            }
            // From here on nothing joins; looking on takes everything within one whole look and what follows it.
            line.waiting.extend(late.into_iter().map(|(_, place)| place));
            now += WHOLE_EVERY;
            let mut looks = 0;
            while !line.waiting.is_empty() {
                line.look(&mut floor, now, 200);
                looks += 1;
                prop_assert!(looks < 2_000, "{} wait and nobody looks", line.waiting.len());
            }
        }

        #[test]
        fn what_joins_in_time_is_found_by_the_next_look_without_a_whole_one(
            rounds in prop::collection::vec((1..500_usize, 1..400_usize), 1..60),
        ) {
            let (mut line, mut floor, now) = (Line::default(), Floor::default(), Instant::now());
            for (joining, asked) in rounds {
                for _ in 0..joining {
                    line.end += 1;
                    line.waiting.insert(line.end);
                }
                let first = line.waiting.first().copied();
                let (_, found) = line.look(&mut floor, now, asked);
                prop_assert_eq!(found.first().copied(), first);
            }
        }
    }

    #[test]
    fn a_long_line_that_was_worked_off_is_not_read_again() {
        let (mut line, mut floor, now) = (Line::default(), Floor::default(), Instant::now());
        for _ in 0..100_000 {
            line.end += 1;
            line.waiting.insert(line.end);
        }
        while !line.look(&mut floor, now, 500).1.is_empty() {}
        let (scan, _) = line.look(&mut floor, now, 500);
        assert_eq!(scan.from, 100_000 - SLACK);
        // Others worked off what we never saw: the next but one look knows.
        line.end += 50_000;
        line.look(&mut floor, now, 500);
        line.look(&mut floor, now, 500);
        assert_eq!(floor.scan(now).from, 150_000 - SLACK);
        assert_eq!(floor.scan(now + WHOLE_EVERY).from, 0);
    }

    #[test]
    fn many_that_one_transaction_commits_late_are_found_at_once() {
        let (mut line, mut floor, now) = (Line::default(), Floor::default(), Instant::now());
        // Number 1 writes and writes; number 2 comes and goes.
        (line.end, line.oldest, line.next) = (60_000, 1, 2);
        for _ in 0..5 {
            assert!(line.look(&mut floor, now, 500).1.is_empty());
        }
        (line.end, line.next) = (100_000, 3);
        assert!(line.look(&mut floor, now, 500).1.is_empty());
        line.waiting.extend(1..=100_000);
        line.oldest = 3;
        let mut seen = 0;
        while !line.waiting.is_empty() {
            let (scan, found) = line.look(&mut floor, now, 500);
            assert!(!scan.is_whole() && !found.is_empty(), "{seen}");
            seen += found.len();
        }
        for _ in 0..3 {
            line.look(&mut floor, now, 500);
        }
        assert_eq!(floor.scan(now).from, 100_000 - SLACK);
    }

    #[test]
    fn a_look_at_the_whole_line_is_the_rarer_the_longer_it_takes() {
        let (mut floor, now) = (Floor::default(), Instant::now());
        let scan = floor.scan(now);
        floor.found(scan, 500, 500, Some(1), Duration::from_secs(1));
        assert!(!floor.scan(now + Duration::from_secs(19)).is_whole());
        let scan = floor.scan(now + Duration::from_secs(20));
        assert!(scan.is_whole());
        // What has been cleared away costs nothing.
        floor.found(scan, 500, 0, None, Duration::from_millis(1));
        assert!(floor.scan(now + Duration::from_secs(25)).is_whole());
    }

    #[test]
    fn many_that_were_put_back_are_worked_off_in_order() {
        let (mut line, mut floor, now) = (Line::default(), Floor::default(), Instant::now());
        line.end = 1_000_000;
        line.waiting.extend(999_000..1_000_000);
        while !line.look(&mut floor, now, 500).1.is_empty() {}
        line.waiting.extend(10_000..15_000);
        floor.forget();
        let mut seen = vec![];
        for _ in 0..10 {
            seen.extend(line.look(&mut floor, now, 500).1);
        }
        assert_eq!(seen, (10_000..15_000).collect::<Vec<_>>());
    }
}
