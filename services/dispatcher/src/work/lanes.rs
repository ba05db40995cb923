//! How many jobs of each lane this process holds, so that no lane takes more than its share of the
//! workers. Pure.
use batchtrack_core::jobs::{Claimed, Floor, Wanted};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Lanes asked for in one go.
const AT_ONCE: usize = 200;

#[derive(Debug)]
pub(super) struct Lanes {
    limit: usize,
    held: BTreeMap<String, usize>,
    /// Lanes that the line was read past, so that they may have more waiting long before where it is
    /// read now. They are served by themselves until they have none.
    passed_over: BTreeMap<String, Floor>,
    /// Where the last round of those ended, so that each has its turn.
    turn: Option<String>,
}

impl Lanes {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            held: BTreeMap::new(),
            passed_over: BTreeMap::new(),
            turn: None,
        }
    }

    /// Counts a job that has been claimed; `false` if its lane has all that it may have.
    pub(super) fn admit(&mut self, lane: Option<&str>) -> bool {
        let Some(lane) = lane else { return true };
        let held = self.held.get(lane).copied().unwrap_or(0);
        if held >= self.limit {
            self.passed_over.entry(lane.to_owned()).or_default();
            return false;
        }
        self.held.insert(lane.to_owned(), held + 1);
        true
    }

    /// One of them came to an end; says whether its lane may have another waiting.
    pub(super) fn leave(&mut self, lane: Option<&str>) -> bool {
        let Some(lane) = lane else { return false };
        if let Some(held) = self.held.get_mut(lane) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                self.held.remove(lane);
            }
        }
        self.passed_over.contains_key(lane)
    }

    /// Which lanes the line is to be read past now.
    pub(super) fn pass_over(&mut self) -> Vec<String> {
        let full = self.held.iter().filter(|(_, held)| **held >= self.limit);
        for (lane, _) in full {
            self.passed_over.entry(lane.clone()).or_default();
        }
        self.passed_over.keys().cloned().collect()
    }

    /// What to ask for by lane, at most `most` jobs in all. Begins behind where the last round ended.
    pub(super) fn wanted(&mut self, mut most: usize, now: Instant) -> Vec<Wanted> {
        let (limit, held) = (self.limit, &self.held);
        let after: Vec<_> = match &self.turn {
            None => self.passed_over.keys().cloned().collect(),
            Some(turn) => {
                let (before, after): (Vec<_>, Vec<_>) = self
                    .passed_over
                    .keys()
                    .cloned()
                    .partition(|lane| lane <= turn);
                after.into_iter().chain(before).collect()
            }
        };
        let mut wanted = vec![];
        for lane in after {
            let room = limit.saturating_sub(held.get(&lane).copied().unwrap_or(0));
            let room = room.min(most);
            if room == 0 || wanted.len() >= AT_ONCE {
                continue;
            }
            if let Some(floor) = self.passed_over.get_mut(&lane) {
                most -= room;
                self.turn = Some(lane.clone());
                wanted.push(Wanted {
                    scan: floor.scan(now),
                    lane,
                    room,
                });
            }
        }
        wanted
    }

    /// Learns from what was found: a lane that had less than it was asked for has no more.
    pub(super) fn found(&mut self, wanted: &[Wanted], found: &[Claimed], took: Duration) {
        let mut last: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
        for job in found {
            if let Some(lane) = &job.lane {
                let seen = last.entry(lane).or_insert((0, job.place));
                *seen = (seen.0 + 1, seen.1.max(job.place));
            }
        }
        for asked in wanted {
            let (many, place) = last
                .get(asked.lane.as_str())
                .map_or((0, None), |(many, place)| (*many, Some(*place)));
            let is_dry = many < asked.room && asked.scan.is_whole();
            if is_dry {
                self.passed_over.remove(&asked.lane);
            } else if let Some(floor) = self.passed_over.get_mut(&asked.lane) {
                floor.found(asked.scan, asked.room, many, place, took);
                if many < asked.room {
                    // Perhaps it is empty; the next look goes through all of it.
                    floor.forget();
                }
            }
        }
    }

    /// Whether some lane may have waiting jobs, and may have more of them.
    pub(super) fn has_room(&self) -> bool {
        let held = |lane: &String| self.held.get(lane).copied().unwrap_or(0);
        self.passed_over.keys().any(|lane| held(lane) < self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::claimed, *};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_lane_has_no_more_than_its_share_and_others_are_not_held_up() {
        let mut lanes = Lanes::new(2);
        assert!(lanes.admit(Some("slow")) && lanes.admit(Some("slow")));
        assert!(!lanes.admit(Some("slow")));
        assert!(lanes.admit(Some("other")) && lanes.admit(None));
        assert_eq!(lanes.pass_over(), ["slow"]);
        assert!(!lanes.has_room() && lanes.wanted(10, Instant::now()).is_empty());
        lanes.leave(Some("slow"));
        assert!(lanes.has_room());
        let wanted = lanes.wanted(10, Instant::now());
        assert_eq!((wanted.len(), wanted[0].room), (1, 1));
        // Nothing was there: from now on it is read with the rest of the line.
        lanes.found(&wanted, &[], Duration::ZERO);
        assert!(!lanes.has_room() && lanes.pass_over().is_empty());
    }

    #[test]
    fn each_lane_has_its_turn() {
        let mut lanes = Lanes::new(1);
        for lane in ["a", "b", "c"] {
            lanes.admit(Some(lane));
            lanes.admit(Some(lane));
            lanes.leave(Some(lane));
        }
        let mut asked = vec![];
        for _ in 0..4 {
            let wanted = lanes.wanted(1, Instant::now());
            let found: Vec<_> = wanted.iter().map(|w| claimed(1, Some(&w.lane))).collect();
            lanes.found(&wanted, &found, Duration::ZERO);
            asked.extend(wanted.into_iter().map(|wanted| wanted.lane));
        }
        assert_eq!(asked, ["a", "b", "c", "a"]);
    }

    proptest! {
        /// A line of jobs in lanes, read as the worker reads it: at no time does a lane hold more than
        /// its share, and in the end every job has been done.
        #[test]
        fn everything_is_done_within_the_limits(
            line in prop::collection::vec(0..6_usize, 0..300),
            limit in 1..5_usize,
            capacity in 1..40_usize,
            ends in prop::collection::vec(any::<prop::sample::Index>(), 1..50),
        ) {
            let name = |lane: usize| format!("lane {lane}");
            let mut waiting: BTreeSet<(i64, usize)> =
                (1..).zip(line.iter().copied()).collect();
            let (mut lanes, mut running) = (Lanes::new(limit), vec![]);
            let (mut ends, mut rounds) = (ends.iter().cycle(), 0);
            let now = Instant::now();
            while !(waiting.is_empty() && running.is_empty()) {
                rounds += 1;
                prop_assert!(rounds < 5_000, "it does not come to an end");
                let free = capacity - running.len();
                let wanted = lanes.wanted(free, now);
                let mut found = vec![];
                for asked in &wanted {
                    let of_lane: Vec<_> = waiting.iter().copied()
                        .filter(|(_, lane)| name(*lane) == asked.lane).take(asked.room).collect();
                    found.extend(of_lane);
                }
                let claims: Vec<_> = found.iter().map(|(at, lane)| claimed(*at, Some(&name(*lane)))).collect();
                lanes.found(&wanted, &claims, Duration::ZERO);
                let past = lanes.pass_over();
                let line: Vec<_> = waiting.iter().copied().filter(|job| !found.contains(job))
                    .filter(|(_, lane)| !past.contains(&name(*lane)))
                    .take(free - found.len()).collect();
                for job in found.into_iter().chain(line) {
                    if lanes.admit(Some(&name(job.1))) {
                        waiting.remove(&job);
                        running.push(job);
                    }
                }
                for lane in 0..6 {
                    prop_assert!(running.iter().filter(|(_, of)| *of == lane).count() <= limit);
                }
                if let (false, Some(end)) = (running.is_empty(), ends.next()) {
                    let (_, lane) = running.swap_remove(end.index(running.len()));
                    lanes.leave(Some(&name(lane)));
                }
            }
        }
    }
}
