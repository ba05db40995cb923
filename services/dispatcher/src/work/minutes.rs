//! How jobs went, by the minute, for the page on which operators look at the queues.
use batchtrack_core::{
    jobs::{
        Queue,
        operate::{self, Ended, Line},
    },
    kernel::StoreError,
    platform::SystemTx,
};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicI64, Ordering},
};

/// Since that was last written down.
#[derive(Debug)]
pub(super) struct Minutes(BTreeMap<Queue, Counts>);

#[derive(Debug, Default)]
struct Counts {
    done: AtomicI64,
    failed: AtomicI64,
    put_off: AtomicI64,
}

impl Default for Minutes {
    fn default() -> Self {
        Self(
            Queue::ALL
                .iter()
                .map(|queue| (*queue, Counts::default()))
                .collect(),
        )
    }
}

impl Counts {
    fn of(&self, outcome: &str) -> &AtomicI64 {
        match outcome {
            "done" => &self.done,
            "put_off" => &self.put_off,
            _ => &self.failed,
        }
    }

    fn add(&self, seen: &Ended, sign: i64) {
        for (count, seen) in [
            (&self.done, seen.done),
            (&self.failed, seen.failed),
            (&self.put_off, seen.put_off),
        ] {
            count.fetch_add(sign * seen, Ordering::Relaxed);
        }
    }
}

impl Minutes {
    pub(super) fn ended(&self, queue: Queue, outcome: &str) {
        if let Some(counts) = self.0.get(&queue) {
            counts.of(outcome).fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes down what has ended, and how many wait; what could not be written is not forgotten.
    pub(super) async fn write(&self, mut tx: SystemTx, lines: &[Line]) -> Result<(), StoreError> {
        let seen: Vec<_> = lines
            .iter()
            .filter_map(|line| {
                let counts = self.0.get(&line.queue)?;
                let read = |count: &AtomicI64| count.load(Ordering::Relaxed);
                let seen = Ended {
                    queue: line.queue,
                    done: read(&counts.done),
                    failed: read(&counts.failed),
                    put_off: read(&counts.put_off),
                    waiting: line.waiting,
                };
                let is_news = seen.done + seen.failed + seen.put_off + seen.waiting > 0;
                is_news.then_some(seen)
            })
            .collect();
        operate::count(&mut tx, &seen).await?;
        tx.commit().await?;
        for seen in &seen {
            if let Some(counts) = self.0.get(&seen.queue) {
                counts.add(seen, -1);
            }
        }
        Ok(())
    }
}
