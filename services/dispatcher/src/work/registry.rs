//! The list of what this program can do.
use super::{Ctx, JobError, Run, Work};
use batchtrack_core::jobs::Queue;
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::{collections::HashMap, time::Duration};

/// The kinds of jobs that are done here.
#[derive(Debug, Default)]
pub struct Registry(HashMap<&'static str, Known>);

/// A kind, with its type forgotten.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) kind: &'static str,
    pub(super) queue: Queue,
    pub(super) max_attempts: i32,
    pub(super) timeout: Duration,
    pub(super) backoff: fn(i32, f64) -> Duration,
    pub(super) run: RunOne,
}

type RunOne = for<'a> fn(Value, &'a Ctx, &'a Run) -> BoxFuture<'a, Result<(), JobError>>;

impl Registry {
    /// # Panics
    /// When the kind is there already: a mistake in the one list, which no test survives.
    pub fn with<W: Work>(self) -> Self {
        self.and(Known {
            kind: W::KIND,
            queue: W::QUEUE,
            max_attempts: W::MAX_ATTEMPTS,
            timeout: W::TIMEOUT,
            backoff: W::backoff,
            run: |args, ctx, run| Box::pin(run_one::<W>(args, ctx, run)),
        })
    }

    /// A kind that is no longer written. Those that still wait are taken off the line and nothing is
    /// done for them.
    ///
    /// # Panics
    /// When the kind is there already.
    pub fn drained(self, kind: &'static str) -> Self {
        self.and(Known {
            kind,
            queue: Queue::Bulk,
            max_attempts: 1,
            timeout: Duration::from_mins(1),
            backoff: |_, _| Duration::ZERO,
            run: |_, _, _| Box::pin(async { Ok(()) }),
        })
    }

    pub fn knows(&self, kind: &str) -> bool {
        self.0.contains_key(kind)
    }

    pub(super) fn known(&self, kind: &str) -> Option<Known> {
        self.0.get(kind).copied()
    }

    fn and(mut self, known: Known) -> Self {
        assert!(
            self.0.insert(known.kind, known).is_none(),
            "two kinds of jobs are called {}",
            known.kind
        );
        self
    }
}

async fn run_one<W: Work>(args: Value, ctx: &Ctx, run: &Run) -> Result<(), JobError> {
    // Its meaning is fixed by the kind's name, so another try would fare no better.
    let work: W = serde_json::from_value(args)
        .map_err(|error| JobError::GiveUp(anyhow::anyhow!("its payload can't be read: {error}")))?;
    work.run(ctx, run).await
}
