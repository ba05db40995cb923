use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What happens beside a follower.
#[derive(Debug, Clone)]
enum Step {
    /// A transaction begins to write that will have recorded so many facts.
    Begin { facts: usize },
    /// One of those under way commits…
    Commit { which: usize },
    /// …or leaves nothing.
    RollBack { which: usize },
    /// The follower takes a turn of at most so many facts.
    Turn { limit: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0_usize..5).prop_map(|facts| Step::Begin { facts }),
        (0_usize..6).prop_map(|which| Step::Commit { which }),
        (0_usize..6).prop_map(|which| Step::RollBack { which }),
        (1_usize..5).prop_map(|limit| Step::Turn { limit }),
    ];
    prop::collection::vec(step, 0..120)
}

/// A database as far as a follower can tell.
#[derive(Default)]
struct World {
    begun: i64,
    next_id: i64,
    running: BTreeMap<i64, usize>,
    /// What is visible.
    log: BTreeSet<Place>,
}

impl World {
    fn snapshot(&self) -> Snapshot {
        let xmax = 3 + self.begun;
        let xmin = self.running.keys().next().copied().unwrap_or(xmax);
        let running: Vec<_> = self.running.keys().map(ToString::to_string).collect();
        format!("{xmin}:{xmax}:{}", running.join(","))
            .parse()
            .unwrap()
    }

    fn end(&mut self, which: usize, committed: bool) {
        let Some(xid) = self.running.keys().nth(which).copied() else {
            return;
        };
        let facts = self.running.remove(&xid).unwrap();
        for _ in 0..facts {
            // Numbers are drawn while the transaction runs; late ones here, which is as good as any.
            self.next_id += 1;
            if committed {
                self.log.insert((xid, self.next_id));
            }
        }
    }
}

fn turn(world: &World, position: &Position, limit: usize) -> (Vec<Place>, Position) {
    let stretch = position.stretch(world.snapshot());
    let bounds = position.within(&stretch);
    let read: Vec<Place> = world
        .log
        .iter()
        .filter(|place| bounds.hold(**place))
        .take(limit)
        .copied()
        .collect();
    let is_whole = read.len() < limit;
    let next = position.moved(stretch, read.last().copied(), is_whole);
    (read, next)
}

proptest! {
    /// However transactions overlap, every fact that is kept is read once, and none that is not.
    #[test]
    fn each_fact_is_read_exactly_once(steps in steps()) {
        let mut world = World::default();
        let mut position = Position { done: Snapshot::before_everything(), stretch: None };
        let mut read = Vec::new();
        for step in steps {
            match step {
                Step::Begin { facts } => {
                    world.running.insert(3 + world.begun, facts);
                    world.begun += 1;
                }
                Step::Commit { which } => world.end(which, true),
                Step::RollBack { which } => world.end(which, false),
                Step::Turn { limit } => {
                    let (more, next) = turn(&world, &position, limit);
                    prop_assert!(more.is_sorted());
                    read.extend(more);
                    position = next;
                }
            }
            let left = world.log.iter().filter(|place| !read.contains(place)).count();
            let ahead = world.log.iter().filter(|place| {
                position.ahead().iter().filter(|bounds| bounds.hold(**place)).count() == 1
            });
            prop_assert_eq!(ahead.count(), left, "what is ahead is what has not been read");
        }
        while !world.running.is_empty() {
            world.end(0, true);
        }
        loop {
            let (more, next) = turn(&world, &position, 3);
            let is_last = more.is_empty() && next.stretch.is_none() && position.stretch.is_none();
            read.extend(more);
            position = next;
            if is_last {
                break;
            }
        }
        let once: BTreeSet<_> = read.iter().copied().collect();
        prop_assert_eq!(once.len(), read.len(), "nothing twice");
        prop_assert_eq!(once, world.log);
    }
}

#[test]
fn a_long_writer_costs_no_second_look_at_what_others_have_written_since() {
    let position = Position {
        done: "10:100:10".parse().unwrap(),
        stretch: None,
    };
    let still: Snapshot = "10:500:10".parse().unwrap();
    let bounds = position.within(&position.stretch(still));
    assert_eq!((bounds.late, bounds.from, bounds.to), (vec![], 100, 500));
    let ended: Snapshot = "600:600:".parse().unwrap();
    let bounds = position.within(&position.stretch(ended));
    assert_eq!((bounds.late, bounds.from, bounds.to), (vec![10], 100, 600));
}
