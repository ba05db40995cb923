//! Remembers that Redis doesn't answer, so that not everybody finds out by waiting.
use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Instant,
};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// So many failures on end, and it is not asked.
const TRIES: u32 = 3;
/// Then one request a second asks again.
const PAUSE_MS: u64 = 1_000;
const WARN_MS: u64 = 60_000;

#[derive(Default)]
pub(super) struct Breaker {
    failures: AtomicU32,
    /// When it may be asked again, in milliseconds of this process.
    ask_again: AtomicU64,
    warn_again: AtomicU64,
}

fn now() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl Breaker {
    /// Whether to ask now.
    pub(super) fn asks(&self) -> bool {
        self.asks_at(now())
    }

    fn asks_at(&self, now: u64) -> bool {
        if self.failures.load(Ordering::Relaxed) < TRIES {
            return true;
        }
        is_due(&self.ask_again, now, PAUSE_MS)
    }

    pub(super) fn succeeded(&self) {
        // Mostly it is zero, and a store would have all cores fetch the line anew.
        if self.failures.load(Ordering::Relaxed) > 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }

    pub(super) fn failed(&self) {
        self.failed_at(now());
    }

    fn failed_at(&self, now: u64) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed);
        if failures + 1 >= TRIES {
            self.ask_again.store(now + PAUSE_MS, Ordering::Relaxed);
            self.failures.store(TRIES, Ordering::Relaxed);
        }
    }

    /// Whether to say so now: once a minute.
    pub(super) fn warns(&self) -> bool {
        is_due(&self.warn_again, now() + 1, WARN_MS)
    }
}

/// Whether the moment in `at` has come; if so, and for one who asks, it is put off by `pause`.
fn is_due(at: &AtomicU64, now: u64, pause: u64) -> bool {
    let due = at.load(Ordering::Relaxed);
    due <= now
        && at
            .compare_exchange(due, now + pause, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_some_failures_one_a_second_asks() {
        let breaker = Breaker::default();
        for _ in 0..TRIES {
            assert!(breaker.asks_at(10));
            breaker.failed_at(10);
        }
        assert!(!breaker.asks_at(1_009));
        assert!(breaker.asks_at(1_010));
        assert!(!breaker.asks_at(1_010), "one of them");
        breaker.failed_at(1_060);
        assert!(!breaker.asks_at(2_000));
        assert!(breaker.asks_at(2_060));
        breaker.succeeded();
        assert!(breaker.asks_at(2_061) && breaker.asks_at(2_061));
    }
}
