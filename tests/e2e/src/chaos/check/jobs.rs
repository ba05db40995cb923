//! Who held which job, and who settled it.
use super::{Found, Violation};
use crate::chaos::history::{History, Step, What};
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Held,
    Over,
}

/// Walks each job through its steps.
pub(super) fn walk(history: &History, found: &mut Found) {
    let holder = |worker: Option<i64>| worker.and_then(|worker| history.workers.get(&worker));
    let mut states: BTreeMap<i64, (State, &str)> = BTreeMap::new();
    for Step {
        job,
        kind,
        is_unique,
        what,
        by,
        silent,
    } in &history.steps
    {
        let (job, by) = (*job, by.clone());
        let (state, _) = states.get(&job).copied().unwrap_or((State::Waiting, kind));
        if state == State::Over {
            found.insert(Violation::AfterItsEnd { job, by });
            continue;
        }
        // Whoever has been silent for longer than its lease may be given up by anybody.
        let is_lost = silent.is_some_and(|silent| silent >= history.lease);
        let settled_by = match *what {
            What::Freed { .. } if is_lost => None,
            // Where an equal one waits, it is dropped instead.
            What::Finished { worker: Some(_) } if *is_unique && is_lost => None,
            What::Freed { worker } => Some(holder(Some(worker))),
            What::Delayed { worker } | What::Finished { worker } | What::Died { worker } => {
                Some(holder(worker))
            }
            _ => None,
        };
        if let Some(owner) = settled_by.filter(|owner| *owner != Some(&by)) {
            let owner = owner.map_or_else(|| "nobody".to_owned(), Clone::clone);
            let by = by.clone();
            found.insert(Violation::NotTheOwner { job, owner, by });
        }
        let next = match what {
            What::Enqueued | What::Promoted | What::Freed { .. } | What::Delayed { .. } => {
                State::Waiting
            }
            What::Claimed { .. } if state == State::Held => {
                found.insert(Violation::HeldTwice { job, by });
                State::Held
            }
            What::Claimed { .. } => State::Held,
            What::Finished { .. } | What::Died { .. } | What::Dropped => State::Over,
        };
        states.insert(job, (next, kind));
    }
    for (job, (state, kind)) in states {
        if state != State::Over && kind.starts_with("webhooks.") {
            found.insert(Violation::LeftUndone { job });
        }
    }
}

pub(super) fn rescues(history: &History, found: &mut Found) {
    for rescue in &history.rescues {
        let own = history.workers.get(&rescue.worker) == Some(&rescue.by);
        if !own && rescue.at < rescue.last_heartbeat + history.lease {
            let (worker, by) = (rescue.worker, rescue.by.clone());
            found.insert(Violation::RescuedAlive { worker, by });
        }
    }
}
