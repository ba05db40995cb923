//! What lies ready in one queue, and what came of what was taken from it. Hands help themselves: where
//! jobs are cheap, whoever hands them out one by one costs more than they do.
use batchtrack_core::jobs::Claimed;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;

/// Came to an end, one way or another.
pub(super) struct Gone {
    pub(super) lane: Option<String>,
    pub(super) took: Duration,
}

/// Shared by those who fill it and the hands.
#[derive(Default)]
pub(super) struct Pile {
    inner: Mutex<Inner>,
    news: Notify,
}

#[derive(Default)]
struct Inner {
    ready: VecDeque<Claimed>,
    gone: Vec<Gone>,
    /// Taken since somebody last asked.
    begun: usize,
    /// When so few are left, that is news.
    low: usize,
}

impl Pile {
    /// The next job, if there is one, for a hand that comes from another.
    pub(super) fn next(&self, gone: Option<Gone>) -> Option<Claimed> {
        let mut inner = self.lock();
        // The lane may have more of its own waiting.
        let frees_lane = gone.as_ref().is_some_and(|gone| gone.lane.is_some());
        inner.gone.extend(gone);
        let job = inner.ready.pop_front();
        inner.begun += usize::from(job.is_some());
        let is_news = frees_lane || inner.ready.len() == inner.low;
        drop(inner);
        if is_news {
            self.news.notify_one();
        }
        job
    }

    pub(super) fn put(&self, job: Claimed) {
        self.lock().ready.push_back(job);
    }

    pub(super) fn len(&self) -> usize {
        self.lock().ready.len()
    }

    /// Waits until there is news: few are left, or one with a lane has come to an end.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    pub(super) fn tell_at(&self, low: usize) {
        self.lock().low = low;
    }

    pub(super) fn gone(&self) -> Vec<Gone> {
        std::mem::take(&mut self.lock().gone)
    }

    /// How many were begun since this was last asked.
    pub(super) fn begun(&self) -> usize {
        std::mem::take(&mut self.lock().begun)
    }

    /// Takes back all but the first `keep`.
    pub(super) fn take_back(&self, keep: usize) -> VecDeque<Claimed> {
        let mut inner = self.lock();
        let keep = keep.min(inner.ready.len());
        inner.ready.split_off(keep)
    }

    /// It is whole whenever the lock is let go.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::claimed, *};

    fn gone(lane: Option<&str>) -> Gone {
        Gone {
            lane: lane.map(str::to_owned),
            took: Duration::ZERO,
        }
    }

    async fn is_news(pile: &Pile) -> bool {
        tokio::time::timeout(Duration::from_millis(20), pile.news())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn it_says_when_few_are_left_and_when_a_lane_has_room() {
        let pile = Pile::default();
        (1..=10).for_each(|id| pile.put(claimed(id, None)));
        pile.tell_at(5);
        for id in 1..=4 {
            assert_eq!(
                pile.next(Some(gone(None))).map(|job| job.id.get()),
                Some(id)
            );
        }
        assert!(!is_news(&pile).await, "six are left");
        pile.next(Some(gone(None)));
        assert!(is_news(&pile).await, "five are left");
        pile.next(Some(gone(Some("one"))));
        assert!(is_news(&pile).await, "of a lane");
        assert_eq!((pile.gone().len(), pile.gone().len()), (6, 0));
        assert_eq!((pile.begun(), pile.begun()), (6, 0));
        assert_eq!(pile.take_back(3).len(), 1);
        assert_eq!(pile.len(), 3);
    }
}
