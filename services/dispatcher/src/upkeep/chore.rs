use super::measures;
use crate::work::{Ctx, JobError, Run, Work};
use batchtrack_core::{
    jobs::{Every, Job, Queue},
    kernel::StoreError,
};
use serde::{Deserialize, Serialize};
use std::{future::Future, marker::PhantomData, time::Duration};

/// Something that has to be done from time to time, by one of us.
pub trait Chore: Send + Sync + 'static {
    /// Never changes once released.
    const KIND: &'static str;
    const EVERY: Every;

    /// Does it, in steps that others needn't wait for; says how many things it dealt with. What is
    /// broken off is gone on with by the next run.
    fn run(ctx: &Ctx, run: &Run) -> impl Future<Output = anyhow::Result<u64>> + Send;
}

/// Few enough that nobody waits for the locks.
pub(super) const AT_A_TIME: i64 = 1_000;

/// Takes small steps until one finds nothing more to do; says how much all of them did.
pub(super) async fn in_steps<F>(mut step: impl FnMut() -> F) -> anyhow::Result<u64>
where
    F: Future<Output = Result<usize, StoreError>>,
{
    let mut all = 0;
    loop {
        match step().await? {
            0 => return Ok(all),
            done => all += u64::try_from(done)?,
        }
    }
}

/// A chore as a job: there is nothing to say about it, and one waiting is enough.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub(super) struct Do<C>(#[serde(skip)] PhantomData<fn() -> C>);

impl<C> Default for Do<C> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<C: Chore> Job for Do<C> {
    const KIND: &'static str = C::KIND;
    const QUEUE: Queue = Queue::Upkeep;
    /// The next one comes soon enough.
    const MAX_ATTEMPTS: i32 = 5;
    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

impl<C: Chore> Work for Do<C> {
    const TIMEOUT: Duration = Duration::from_mins(30);

    async fn run(self, ctx: &Ctx, run: &Run) -> Result<(), JobError> {
        let outcome = C::run(ctx, run).await;
        let now = ctx.clock.now();
        measures::ran(C::KIND, outcome.as_ref().ok().copied(), now);
        let dealt_with = outcome?;
        if dealt_with > 0 {
            tracing::info!(job.kind = C::KIND, dealt_with, "upkeep");
        }
        Ok(())
    }
}
