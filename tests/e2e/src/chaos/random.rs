//! Chance that can be had again: the same seed gives the same numbers.
use std::time::Duration;

/// `SplitMix64`.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..ceiling`.
    pub fn below(&mut self, ceiling: usize) -> usize {
        let ceiling = u64::try_from(ceiling.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % ceiling).unwrap_or(0)
    }

    /// Between the two, to the millisecond.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let spread = most.saturating_sub(least).as_millis();
        let spread = u64::try_from(spread).unwrap_or(u64::MAX).max(1);
        least + Duration::from_millis(self.next() % spread)
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
