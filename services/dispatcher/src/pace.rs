//! How long to wait between two looks at the queue. Pure: the roll is handed in.
use std::time::Duration;

const IDLE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// After nothing was due (`failures` is 0) or after that many failures in a row; `roll` in 0..=1
/// spreads dispatchers that were started together.
pub(crate) fn wait(failures: u32, roll: f64) -> Duration {
    let ceiling = IDLE
        .saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX))
        .min(LONGEST);
    ceiling.mul_f64(0.75 + roll.clamp(0.0, 1.0) / 4.0)
}

/// A number in 0..=1, of which nothing but the pace depends.
pub(crate) fn roll() -> f64 {
    f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_with_failures_up_to_a_limit() {
        for roll in [0.0, 0.5, 1.0] {
            let waits: Vec<_> = (0..64).map(|failures| wait(failures, roll)).collect();
            assert!(waits.is_sorted());
            assert!(waits.iter().all(|wait| (IDLE / 2..=LONGEST).contains(wait)));
        }
        assert_eq!(wait(0, 1.0), IDLE);
        assert!(wait(3, 0.0) < wait(3, 1.0));
    }

    #[test]
    fn rolls_differ_and_stay_within_bounds() {
        let rolls: Vec<_> = (0..100).map(|_| roll()).collect();
        assert!(rolls.iter().all(|roll| (0.0..=1.0).contains(roll)));
        assert!(
            rolls
                .iter()
                .any(|roll| (roll - rolls[0]).abs() > f64::EPSILON)
        );
    }
}
