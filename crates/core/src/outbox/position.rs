//! How far a follower has come in the log. Pure: what was read and what is to be read next.
use super::snapshot::Snapshot;

/// Where a fact stands in the log: its transaction, and its number in it.
pub(crate) type Place = (i64, i64);

/// What is behind a follower. A snapshot and not a number, since facts don't become visible in the
/// order of their numbers: one whose transaction commits late is not in the snapshot, so it is still
/// to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    /// All that is seen here has been dealt with.
    pub(crate) done: Snapshot,
    pub(crate) stretch: Option<Stretch>,
}

/// Facts that are dealt with in several turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// What is seen here and not in `done`: that is the stretch…
    pub(crate) upto: Snapshot,
    /// …of which all up to this place has been dealt with.
    pub(crate) after: Place,
}

/// Facts as two scans of the index by place can find them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Transactions that were still under way when the last stretch was measured.
    pub(crate) late: Vec<i64>,
    /// Those that have begun since, from the first…
    pub(crate) from: i64,
    /// …up to and without this one…
    pub(crate) to: i64,
    /// …leaving out those under way now.
    pub(crate) except: Vec<i64>,
    pub(crate) after: Place,
}

impl Bounds {
    #[cfg(test)]
    fn hold(&self, place: Place) -> bool {
        let (xid, _) = place;
        let begun = (self.from..self.to).contains(&xid) && !self.except.contains(&xid);
        place > self.after && (self.late.contains(&xid) || begun)
    }
}

impl Position {
    /// The stretch under way; where there is none, what `now` sees and `done` didn't.
    pub(crate) fn stretch(&self, now: Snapshot) -> Stretch {
        self.stretch.clone().unwrap_or(Stretch {
            upto: now,
            after: (0, 0),
        })
    }

    /// What is left of `stretch`.
    pub(crate) fn within(&self, stretch: &Stretch) -> Bounds {
        let Stretch { upto, after } = stretch;
        let running = self.done.running().iter().copied();
        let from = self.done.xmax();
        let except = upto.running().iter().copied();
        Bounds {
            late: running.filter(|xid| upto.sees(*xid)).collect(),
            from,
            to: upto.xmax(),
            except: except.filter(|xid| *xid >= from).collect(),
            after: *after,
        }
    }

    /// Everything that is still to come, whether or not it had begun.
    pub(crate) fn ahead(&self) -> Vec<Bounds> {
        let seen = self.stretch.as_ref().map_or(&self.done, |s| &s.upto);
        let beyond = Bounds {
            late: seen.running().to_vec(),
            from: seen.xmax(),
            to: i64::MAX,
            except: Vec::new(),
            after: (0, 0),
        };
        let rest = self.stretch.as_ref().map(|stretch| self.within(stretch));
        rest.into_iter().chain([beyond]).collect()
    }

    /// Where it is once the facts up to `last` have been dealt with; `is_whole` when there are no more
    /// in the stretch.
    pub(crate) fn moved(&self, stretch: Stretch, last: Option<Place>, is_whole: bool) -> Self {
        if is_whole {
            return Self {
                done: stretch.upto,
                stretch: None,
            };
        }
        Self {
            done: self.done.clone(),
            stretch: Some(Stretch {
                after: last.unwrap_or(stretch.after),
                ..stretch
            }),
        }
    }
}

#[cfg(test)]
mod tests;
