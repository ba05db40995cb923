//! When an endpoint is given up. Pure.
use chrono::{DateTime, TimeDelta, Utc};

/// Nothing but failures for so long, and the endpoint is disabled.
pub const PATIENCE: TimeDelta = TimeDelta::hours(120);
/// A failure that so much later was followed by no other is forgiven: retries are never so far apart.
const FORGIVEN: TimeDelta = TimeDelta::hours(72);
/// Times on the endpoint's row are this exact, so that a busy one is not written for every attempt.
pub(super) const GRAIN: TimeDelta = TimeDelta::seconds(10);
/// How long the former secret signs beside the new one.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);
/// Endpoints of one organisation.
pub const MOST_ENDPOINTS: i64 = 50;

/// What an endpoint's failures so far come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) since: DateTime<Utc>,
    pub(super) is_hopeless: bool,
}

/// One more attempt has failed `now`; failures go back to `since`, the latest before was `last`.
pub(super) fn failed(
    since: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Trouble {
    let goes_on = |last: DateTime<Utc>| now - last < FORGIVEN;
    let since = since
        .filter(|_| last.is_some_and(goes_on))
        .unwrap_or(now)
        .min(now);
    Trouble {
        since,
        is_hopeless: now - since >= PATIENCE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hour(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(n)
    }

    #[test]
    fn patience_ends_after_five_days_of_failures() {
        assert_eq!(failed(None, None, hour(0)).since, hour(0));
        assert!(!failed(Some(hour(0)), Some(hour(110)), hour(119)).is_hopeless);
        assert!(failed(Some(hour(0)), Some(hour(110)), hour(120)).is_hopeless);
    }

    #[test]
    fn an_old_failure_is_forgiven() {
        let trouble = failed(Some(hour(0)), Some(hour(10)), hour(500));
        assert_eq!((trouble.since, trouble.is_hopeless), (hour(500), false));
    }

    proptest! {
        #[test]
        fn nobody_is_given_up_sooner(gaps in prop::collection::vec(0_i64..200, 1..40)) {
            let (mut since, mut last, mut now) = (None, None, 0);
            for gap in gaps {
                now += gap;
                let trouble = failed(since, last, hour(now));
                prop_assert_eq!(trouble.is_hopeless, hour(now) - trouble.since >= PATIENCE);
                prop_assert!(trouble.since <= hour(now));
                if gap >= FORGIVEN.num_hours() {
                    prop_assert_eq!(trouble.since, hour(now));
                }
                (since, last) = (Some(trouble.since), Some(hour(now)));
            }
        }
    }
}
