//! How long a job waits before it is tried again. Pure: the roll is handed in.
use std::time::Duration;

const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_hours(6);

/// After `failures` attempts that failed: 5 s, 20 s, 80 s… up to six hours, each a fifth more or less
/// as `roll` in 0..=1 says, so that those that failed together don't come back together.
pub fn wait(failures: i32, roll: f64) -> Duration {
    growing(FIRST, 4, LONGEST, failures, roll)
}

/// The same with another beginning, factor and end, for kinds that know better.
pub fn growing(
    first: Duration,
    factor: u32,
    longest: Duration,
    failures: i32,
    roll: f64,
) -> Duration {
    let steps = u32::try_from(failures.saturating_sub(1)).unwrap_or(0);
    let grown = first.saturating_mul(factor.saturating_pow(steps));
    spread(grown.min(longest), roll).min(longest)
}

/// A fifth more or less.
pub fn spread(wait: Duration, roll: f64) -> Duration {
    wait.mul_f64(roll.clamp(0.0, 1.0).mul_add(0.4, 0.8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_five_seconds_times_four_to_the_n_give_or_take_a_fifth(
            failures in 1..9_i32, roll in 0.0..=1.0_f64,
        ) {
            let exact = FIRST.mul_f64(4_f64.powi(failures - 1)).min(LONGEST);
            let waited = wait(failures, roll);
            prop_assert!(waited >= exact.mul_f64(0.799));
            prop_assert!(waited <= exact.mul_f64(1.201).min(LONGEST));
        }

        #[test]
        fn any_number_and_any_roll_give_a_wait_within_bounds(failures in any::<i32>(), roll in any::<f64>()) {
            let roll = if roll.is_nan() { 0.5 } else { roll };
            let waited = wait(failures, roll);
            prop_assert!(waited >= FIRST.mul_f64(0.799));
            prop_assert!(waited <= LONGEST);
        }

        #[test]
        fn more_failures_never_mean_a_shorter_wait(failures in 0..60_i32, roll in 0.0..=1.0_f64) {
            prop_assert!(wait(failures, roll) <= wait(failures + 1, roll));
        }
    }

    #[test]
    fn rolls_spread_what_failed_together() {
        assert_eq!(wait(1, 0.0), Duration::from_secs(4));
        assert_eq!(wait(1, 1.0), Duration::from_secs(6));
        assert_eq!(wait(30, 1.0), LONGEST);
    }
}
