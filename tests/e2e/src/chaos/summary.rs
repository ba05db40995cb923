//! A history in figures.
use super::{
    check::{Violation, expected},
    history::{History, What},
};
use std::collections::{BTreeMap, BTreeSet};

/// What happened, in a few lines for people.
pub fn summary(history: &History) -> String {
    let arrivals = history.arrivals.iter();
    let distinct: BTreeSet<_> = arrivals
        .map(|arrival| (arrival.endpoint, arrival.event))
        .collect();
    let steps = |wanted: fn(What) -> bool| {
        let steps = history.steps.iter();
        steps.filter(|step| wanted(step.what)).count()
    };
    let freed = |by_its_worker: bool| {
        let freed = history.steps.iter().filter(|step| {
            let What::Freed { worker } = step.what else {
                return false;
            };
            (history.workers.get(&worker) == Some(&step.by)) == by_its_worker
        });
        freed.count()
    };
    let by_others = history.rescues.iter();
    let by_others =
        by_others.filter(|rescue| history.workers.get(&rescue.worker) != Some(&rescue.by));
    [
        format!(
            "events: {} committed, of which clients were told of {}",
            history.events.len(),
            history.told.iter().map(|told| told.count).sum::<usize>(),
        ),
        format!(
            "deliveries: {} owed, {} requests arrived, {} of them again; {} attempts noted",
            expected(history),
            history.arrivals.len(),
            history.arrivals.len() - distinct.len(),
            history.attempts.len(),
        ),
        format!(
            "jobs: {} written, {} claimed, {} done, {} given back and {} taken from lost workers, {} put off, {} dead",
            steps(|what| what == What::Enqueued),
            steps(|what| matches!(what, What::Claimed { .. })),
            steps(|what| matches!(what, What::Finished { .. })),
            freed(true),
            freed(false),
            steps(|what| matches!(what, What::Delayed { .. })),
            steps(|what| matches!(what, What::Died { .. })),
        ),
        format!(
            "workers: {} registered, {} declared dead by another",
            history.workers.len(),
            by_others.count(),
        ),
    ]
    .join("\n")
}

/// What to tell people of what went wrong: how many of each kind, and the first of them at length.
pub fn report(history: &History, violations: &[Violation]) -> String {
    const SHOWN: usize = 5;
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for violation in violations {
        let words = format!("{violation:?}");
        let kind = words.split(' ').next().unwrap_or_default().to_owned();
        let kind = kinds.entry(kind).or_default();
        match violation.job() {
            Some(job) if kind.len() < SHOWN => kind.push(format!("{words}{}", life(history, job))),
            _ => kind.push(words),
        }
    }
    let kinds = kinds.into_iter().map(|(kind, all)| {
        let first: Vec<_> = all.iter().take(SHOWN).map(String::as_str).collect();
        format!("{} x {kind}:\n    {}", all.len(), first.join("\n    "))
    });
    kinds.collect::<Vec<_>>().join("\n")
}

/// All that was done to a job.
fn life(history: &History, job: i64) -> String {
    let steps = history.steps.iter().filter(|step| step.job == job);
    steps.fold(String::new(), |life, step| {
        format!("{life}\n        {:?} by {}", step.what, step.by)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chaos::history::Step;

    #[test]
    fn a_report_counts_and_shows_the_first() {
        let step = Step {
            job: 1,
            kind: "webhooks.deliver.v1".to_owned(),
            is_unique: false,
            what: What::Enqueued,
            by: "one".to_owned(),
            silent: None,
        };
        let history = History {
            steps: vec![step],
            ..History::default()
        };
        let undone = (1..=7).map(|job| Violation::LeftUndone { job });
        let twice = Violation::LoggedTwice { event: 3 };
        let told = report(&history, &undone.chain([twice]).collect::<Vec<_>>());
        let (first, last) = told.split_once("{ job: 5 }\n").expect("the first five");
        assert!(
            first.starts_with(
                "7 x LeftUndone:\n    LeftUndone { job: 1 }\n        Enqueued by one\n"
            ),
            "{told}"
        );
        assert_eq!(last, "1 x LoggedTwice:\n    LoggedTwice { event: 3 }");
        assert_eq!(report(&history, &[]), "");
    }
}
