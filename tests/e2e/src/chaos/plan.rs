//! What is going to break, and when: decided beforehand, from a seed.
use super::random::Random;
use std::{fmt, time::Duration};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// `kill -9`, and started again.
    Kill(usize),
    /// SIGSTOP for longer than its lease, then SIGCONT: it wakes up and knows nothing of it.
    Freeze(usize),
    /// SIGTERM, and started again.
    Term(usize),
    /// Stopped at once, without a checkpoint, and started again.
    RestartPostgres,
    /// The connections to it break; what was sent may or may not have been carried out.
    CutPostgres,
    /// Nothing passes in either direction, and nobody is told.
    StallPostgres,
    TerminateBackends,
    /// Idle ones, up to the last that the server allows.
    ExhaustConnections,
    /// `kill -9`, and started again.
    KillRedis,
    CutRedis,
    StallRedis,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(number) => write!(f, "kill -9 dispatcher-{number}"),
            Self::Freeze(number) => write!(f, "freeze dispatcher-{number}"),
            Self::Term(number) => write!(f, "terminate dispatcher-{number}"),
            Self::RestartPostgres => f.write_str("stop PostgreSQL at once"),
            Self::CutPostgres => f.write_str("cut PostgreSQL off"),
            Self::StallPostgres => f.write_str("stall PostgreSQL"),
            Self::TerminateBackends => f.write_str("terminate backends"),
            Self::ExhaustConnections => f.write_str("exhaust the connections"),
            Self::KillRedis => f.write_str("kill -9 Redis"),
            Self::CutRedis => f.write_str("cut Redis off"),
            Self::StallRedis => f.write_str("stall Redis"),
        }
    }
}

/// One entry of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub at: Duration,
    pub fault: Fault,
    /// How long it lasts; no time at all for some.
    pub lasts: Duration,
}

/// From one fault to the next; many last longer than that, so they overlap.
const GAP: (Duration, Duration) = (Duration::from_millis(1_200), Duration::from_millis(3_800));

/// Faults for `span`, in rounds: each kind once, in any order, before any of them again.
pub fn plan(seed: u64, span: Duration, dispatchers: usize, lease: Duration) -> Vec<Planned> {
    let mut random = Random::new(seed);
    let mut plan = Vec::new();
    let mut at = Duration::from_secs(1);
    loop {
        for fault in round(&mut random, dispatchers) {
            if at >= span {
                return plan;
            }
            let lasts = length(fault, &mut random, lease);
            plan.push(Planned { at, fault, lasts });
            at += random.between(GAP.0, GAP.1);
        }
    }
}

fn round(random: &mut Random, dispatchers: usize) -> Vec<Fault> {
    let mut victims: Vec<_> = (1..=dispatchers).collect();
    random.shuffle(&mut victims);
    let mut victim = victims.into_iter().cycle();
    let mut next = || victim.next().unwrap_or(1);
    let mut faults = vec![
        Fault::Kill(next()),
        Fault::Freeze(next()),
        Fault::Term(next()),
        Fault::RestartPostgres,
        Fault::CutPostgres,
        Fault::StallPostgres,
        Fault::TerminateBackends,
        Fault::ExhaustConnections,
        Fault::KillRedis,
        Fault::CutRedis,
        Fault::StallRedis,
    ];
    random.shuffle(&mut faults);
    faults
}

fn length(fault: Fault, random: &mut Random, lease: Duration) -> Duration {
    let seconds = Duration::from_secs;
    let (from, to) = match fault {
        Fault::Freeze(_) => (lease + seconds(1), lease + seconds(4)),
        Fault::Kill(_) | Fault::Term(_) => (Duration::ZERO, seconds(2)),
        Fault::RestartPostgres | Fault::KillRedis | Fault::StallPostgres => {
            (Duration::ZERO, seconds(3))
        }
        Fault::CutPostgres | Fault::CutRedis | Fault::StallRedis => (Duration::ZERO, seconds(4)),
        Fault::ExhaustConnections => (seconds(2), seconds(5)),
        Fault::TerminateBackends => return Duration::ZERO,
    };
    random.between(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const LEASE: Duration = Duration::from_secs(3);

    fn of(seed: u64, seconds: u64) -> Vec<Planned> {
        plan(seed, Duration::from_secs(seconds), 3, LEASE)
    }

    #[test]
    fn a_seed_gives_one_plan() {
        assert_eq!(of(7, 60), of(7, 60));
        assert_ne!(of(7, 60), of(8, 60));
        // A longer run begins like the short one.
        assert!(of(7, 600).starts_with(&of(7, 60)));
    }

    #[test]
    fn even_a_short_run_meets_every_kind() {
        for seed in 0..200 {
            let kinds: BTreeSet<_> = of(seed, 40)
                .into_iter()
                .map(|planned| std::mem::discriminant(&planned.fault))
                .map(|kind| format!("{kind:?}"))
                .collect();
            assert_eq!(kinds.len(), 11, "seed {seed}");
        }
    }

    #[test]
    fn whoever_is_frozen_sleeps_longer_than_its_lease() {
        let plan: Vec<_> = (0..50).flat_map(|seed| of(seed, 600)).collect();
        let frozen = plan
            .iter()
            .filter(|planned| matches!(planned.fault, Fault::Freeze(_)));
        assert!(frozen.clone().count() > 50);
        assert!(frozen.into_iter().all(|planned| planned.lasts > LEASE));
        assert!(
            plan.iter()
                .all(|planned| planned.at < Duration::from_mins(10))
        );
    }
}
