//! What keeps the house in order: one chore a file, each a job that comes round by the clock.
mod account_leftovers;
mod calendar;
mod chore;
mod dead_jobs;
mod expiring_lots;
mod idempotency_keys;
mod job_minutes;
mod letters;
mod measures;
mod outbox_positions;
mod rotation;
mod webhook_secrets;

pub use self::{calendar::keep, chore::Chore};

use self::chore::Do;
use crate::work::Registry;
use batchtrack_core::jobs::{Every, NewJob};

/// A kind of work that comes round.
pub struct Recurring {
    pub job: fn() -> NewJob,
    pub every: Every,
}

const fn every<C: Chore>() -> Recurring {
    Recurring {
        job: || NewJob::of(&Do::<C>::default()),
        every: C::EVERY,
    }
}

/// The whole calendar.
pub const RECURRING: &[Recurring] = &[
    every::<rotation::RotateDailyTables>(),
    every::<outbox_positions::ForgetPositions>(),
    every::<idempotency_keys::ForgetKeys>(),
    every::<letters::ForgetLetters>(),
    every::<account_leftovers::ForgetLeftovers>(),
    every::<webhook_secrets::ForgetSecrets>(),
    every::<dead_jobs::ForgetDead>(),
    every::<job_minutes::ForgetMinutes>(),
    every::<expiring_lots::FindExpiring>(),
];

/// The same, as work; and what the chores ask for.
pub fn works(registry: Registry) -> Registry {
    registry
        .with::<Do<rotation::RotateDailyTables>>()
        .with::<Do<outbox_positions::ForgetPositions>>()
        .with::<Do<idempotency_keys::ForgetKeys>>()
        .with::<Do<letters::ForgetLetters>>()
        .with::<Do<account_leftovers::ForgetLeftovers>>()
        .with::<Do<webhook_secrets::ForgetSecrets>>()
        .with::<Do<dead_jobs::ForgetDead>>()
        .with::<Do<job_minutes::ForgetMinutes>>()
        .with::<Do<expiring_lots::FindExpiring>>()
        .with::<batchtrack_core::inventory::AnnounceExpiring>()
}
