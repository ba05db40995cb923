//! When to send again. Pure: time and chance are handed in.
use batchtrack_core::webhooks::Cause;
use std::time::Duration;

const SECOND: u64 = 1;
const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

/// How long after one attempt the next is made, as Standard Webhooks has it: ten attempts in three days.
const SCHEDULE: [u64; 9] = [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];
/// Attempts that are made in all.
#[cfg(test)]
const ATTEMPTS: u32 = 10;
/// Waits are up to so much longer, so that what failed together does not come back together.
const SPREAD: f64 = 0.2;
/// Longer than that nobody may put us off.
const LONGEST: Duration = Duration::from_hours(24);
/// For so long an endpoint that is overloaded is sent nothing, unless it says for how long.
const PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Status {
        code: u16,
        retry_after: Option<Duration>,
    },
    /// None: no connection, none in time, or none was made.
    Nothing,
}

/// What follows from it for the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Delivered,
    Again(Duration),
    Failed,
    /// Nothing is ever to be sent there again.
    Gone,
}

/// Judges attempt number `attempt` (from 1) by its answer; `roll` in 0..=1 spreads the waits.
pub fn next(cause: Cause, attempt: u32, answer: Answer, roll: f64) -> Verdict {
    let retry_after = match answer {
        Answer::Status {
            code: 200..=299, ..
        } => return Verdict::Delivered,
        Answer::Status { code: 410, .. } => return Verdict::Gone,
        Answer::Status { retry_after, .. } => retry_after,
        Answer::Nothing => None,
    };
    // Somebody sits before a test and sends another when they have mended something.
    if cause == Cause::Test {
        return Verdict::Failed;
    }
    let turn = usize::try_from(attempt.max(1) - 1).unwrap_or(usize::MAX);
    let Some(wait) = SCHEDULE.get(turn) else {
        return Verdict::Failed;
    };
    let wait = Duration::from_secs(*wait).max(retry_after.unwrap_or_default().min(LONGEST));
    Verdict::Again(wait.mul_f64(1.0 + SPREAD * roll.clamp(0.0, 1.0)))
}

/// How long the whole endpoint is to be left alone after this answer.
pub fn pause(answer: Answer) -> Option<Duration> {
    match answer {
        Answer::Status {
            code: 429 | 502 | 504,
            retry_after,
        } => Some(retry_after.unwrap_or(PAUSE)),
        Answer::Status {
            code: 503,
            retry_after,
        } => retry_after,
        _ => None,
    }
    .map(|pause| pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn status(code: u16) -> Answer {
        Answer::Status {
            code,
            retry_after: None,
        }
    }

    fn answer() -> impl Strategy<Value = Answer> {
        let status = (100_u16..600, prop::option::of(0_u64..10_000_000));
        prop_oneof![
            Just(Answer::Nothing),
            status.prop_map(|(code, after)| Answer::Status {
                code,
                retry_after: after.map(Duration::from_secs),
            }),
        ]
    }

    #[test]
    fn the_schedule_is_that_of_the_specification() {
        let waits: Vec<_> = (1..=ATTEMPTS)
            .map(|attempt| next(Cause::Event, attempt, Answer::Nothing, 0.0))
            .collect();
        let hours = |n| Verdict::Again(Duration::from_hours(n));
        assert_eq!(
            waits,
            [
                Verdict::Again(Duration::from_secs(5)),
                Verdict::Again(Duration::from_mins(5)),
                Verdict::Again(Duration::from_mins(30)),
                hours(2),
                hours(5),
                hours(10),
                hours(14),
                hours(20),
                hours(24),
                Verdict::Failed,
            ]
        );
    }

    #[test]
    fn redirects_are_failures_and_410_is_the_end() {
        for code in [301, 302, 307, 308, 400, 401, 404, 429, 500, 503] {
            assert!(matches!(
                next(Cause::Event, 1, status(code), 0.5),
                Verdict::Again(_)
            ));
        }
        for attempt in [1, 5, 10] {
            assert_eq!(next(Cause::Event, attempt, status(410), 0.5), Verdict::Gone);
            assert_eq!(
                next(Cause::Event, attempt, status(204), 0.5),
                Verdict::Delivered
            );
        }
    }

    #[test]
    fn whoever_is_overloaded_is_left_alone() {
        assert_eq!(pause(status(429)), Some(PAUSE));
        assert_eq!(pause(status(502)), Some(PAUSE));
        assert_eq!(pause(status(504)), Some(PAUSE));
        assert_eq!(pause(status(503)), None);
        assert_eq!(pause(status(500)), None);
        assert_eq!(pause(Answer::Nothing), None);
        let after = |code, seconds| Answer::Status {
            code,
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(pause(after(503, 30)), Some(Duration::from_secs(30)));
        assert_eq!(pause(after(429, 86_400)), Some(LONGEST_PAUSE));
    }

    proptest! {
        #[test]
        fn only_2xx_delivers_and_every_delivery_ends(
            attempt in 1_u32..40, answer in answer(), roll in -1.0_f64..2.0,
        ) {
            let verdict = next(Cause::Event, attempt, answer, roll);
            let ok = matches!(answer, Answer::Status { code: 200..=299, .. });
            prop_assert_eq!(verdict == Verdict::Delivered, ok);
            if attempt >= ATTEMPTS {
                prop_assert!(!matches!(verdict, Verdict::Again(_)));
            }
        }

        #[test]
        fn nobody_is_hurried_and_nobody_puts_us_off_for_long(
            attempt in 1_u32..10, answer in answer(), roll in 0.0_f64..=1.0,
        ) {
            if let Verdict::Again(wait) = next(Cause::Event, attempt, answer, roll) {
                prop_assert!(wait >= Duration::from_secs(SCHEDULE[attempt as usize - 1]));
                prop_assert!(wait <= LONGEST.mul_f64(1.0 + SPREAD));
                if let Answer::Status { retry_after: Some(after), .. } = answer {
                    prop_assert!(wait >= after.min(LONGEST));
                }
            }
        }

        #[test]
        fn a_larger_roll_never_waits_less(attempt in 1_u32..10, a in 0.0_f64..=1.0, b in 0.0_f64..=1.0) {
            let wait = |roll| match next(Cause::Event, attempt, Answer::Nothing, roll) {
                Verdict::Again(wait) => wait,
                other => panic!("{other:?}"),
            };
            prop_assert_eq!(wait(a) <= wait(b), a <= b || wait(a) == wait(b));
        }

        #[test]
        fn a_test_is_one_attempt(attempt in 1_u32..10, answer in answer()) {
            prop_assert!(!matches!(next(Cause::Test, attempt, answer, 0.5), Verdict::Again(_)));
        }
    }
}
