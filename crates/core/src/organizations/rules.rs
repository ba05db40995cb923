//! Who may give what to whom, and how many may belong. Pure.
use super::Role;
use crate::tiers::{Permission, Permissions};
use chrono::TimeDelta;

/// How long an invitation is good.
pub const GOOD_FOR: TimeDelta = TimeDelta::days(7);
/// Letters of one invitation, and of one organisation within a day.
pub(super) const MOST_LETTERS: i32 = 5;
pub(super) const LETTERS_A_DAY: i64 = 100;
/// Between two letters of one invitation.
pub(super) const PAUSE: TimeDelta = TimeDelta::seconds(60);
/// Roles of one organisation, those that came with it included.
pub(super) const MOST_ROLES: i64 = 100;
/// Organisations that one person may own.
pub(super) const MOST_FOUNDED: i64 = 20;

/// Nobody else fits into the tier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words())]
pub struct SeatsFull {
    pub limit: i32,
    /// Active members and open invitations.
    pub used: i64,
    /// What people call the tiers that have room for one more.
    pub tiers: Vec<String>,
}

impl SeatsFull {
    fn words(&self) -> String {
        let Self { limit, used, tiers } = self;
        let seats = if *limit == 1 {
            "one member".to_owned()
        } else {
            format!("{limit} members")
        };
        let more = match tiers.as_slice() {
            [] => String::new(),
            tiers => format!(" There is room for more in: {}.", tiers.join(", ")),
        };
        format!(
            "Your plan has room for {seats}, and {used} belong or are invited. Remove somebody or withdraw an invitation first.{more}"
        )
    }
}

/// Whether one more fits in beside those who belong or are invited.
pub(super) fn has_seat(limit: Option<i32>, used: i64) -> bool {
    limit.is_none_or(|limit| used < i64::from(limit))
}

/// What of `given` is beyond `own`: nobody gives what they don't have themselves.
pub(super) fn beyond(given: Permissions, own: Permissions) -> Option<Permission> {
    given.minus(own).iter().next()
}

/// The first of `roles` that goes beyond `own`, and in what.
pub(super) fn role_beyond(roles: &[Role], own: Permissions) -> Option<(&Role, Permission)> {
    roles
        .iter()
        .find_map(|role| Some((role, beyond(role.permissions, own)?)))
}

/// What a role allows once somebody who has `own` has asked for `wanted` where it was `old`: what they
/// don't have themselves stays as it was. Asking for more than that is refused.
pub(super) fn composed(
    old: Permissions,
    wanted: Permissions,
    own: Permissions,
) -> Result<Permissions, Permission> {
    match beyond(wanted.minus(old), own) {
        Some(missing) => Err(missing),
        None => Ok(wanted.and(own).or(old.minus(own))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some() -> impl Strategy<Value = Permissions> {
        proptest::collection::vec(proptest::sample::select(Permission::ALL), 0..12)
            .prop_map(Permissions::from_iter)
    }

    proptest! {
        #[test]
        fn nobody_puts_into_a_role_what_they_lack(old in some(), wanted in some(), own in some()) {
            match composed(old, wanted, own) {
                Ok(made) => {
                    prop_assert_eq!(made.minus(old).minus(own), Permissions::NONE);
                    prop_assert_eq!(made.and(own), wanted.and(own));
                    prop_assert_eq!(made.minus(own), old.minus(own));
                }
                Err(missing) => {
                    prop_assert!(wanted.contains(missing) && !own.contains(missing) && !old.contains(missing));
                }
            }
        }

        #[test]
        fn whoever_has_everything_gets_what_they_ask_for(old in some(), wanted in some()) {
            prop_assert_eq!(composed(old, wanted, Permissions::ALL), Ok(wanted));
        }

        #[test]
        fn a_seat_is_free_exactly_below_the_limit(limit in 0..20_i32, used in 0..20_i64) {
            prop_assert_eq!(has_seat(Some(limit), used), used < i64::from(limit));
            prop_assert!(has_seat(None, used));
        }
    }

    #[test]
    fn a_full_tier_says_what_would_help() {
        let full = |limit, tiers: &[&str]| SeatsFull {
            limit,
            used: 1,
            tiers: tiers.iter().map(|tier| (*tier).to_owned()).collect(),
        };
        assert_eq!(
            full(1, &["Team Plan", "Enterprise Plan"]).to_string(),
            "Your plan has room for one member, and 1 belong or are invited. Remove somebody or withdraw an invitation first. There is room for more in: Team Plan, Enterprise Plan."
        );
        assert!(!full(10, &[]).to_string().contains("There is room"));
    }
}
