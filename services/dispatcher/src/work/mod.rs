//! How jobs are done: each kind is a type of core with an `impl Work` here, named in one [`Registry`].
mod attempt;
mod completer;
mod context;
mod error;
#[cfg(test)]
mod fixture;
mod held;
mod lanes;
mod lease;
mod line;
mod measures;
mod minutes;
mod pile;
mod registry;
mod runner;

pub use self::{
    completer::Tally,
    context::{Ctx, Run},
    error::JobError,
    registry::Registry,
    runner::Runner,
};

use batchtrack_core::jobs::{Job, backoff};
use std::{future::Future, time::Duration};

/// What is done for a job. It may be done more than once: a worker can die between the work and the
/// note that it is done. So doing it again must change nothing.
pub trait Work: Job {
    /// After that it is given up and tried again later, so that nothing hangs for ever.
    const TIMEOUT: Duration = Duration::from_mins(1);

    /// How long to wait after this many attempts have failed; `roll` in 0..=1 spreads those that
    /// failed together.
    fn backoff(failures: i32, roll: f64) -> Duration {
        backoff::wait(failures, roll)
    }

    fn run(self, ctx: &Ctx, run: &Run) -> impl Future<Output = Result<(), JobError>> + Send;
}
