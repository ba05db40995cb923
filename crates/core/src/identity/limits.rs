//! How often things may be done to one account, or sent to one address.
use super::{AccountDesk, IdentityError, queries, queries::limits::Pace};
use crate::{kernel::ids::UserId, platform::SystemTx};
use chrono::TimeDelta;

/// Letters of one kind to one address: five an hour, half a minute apart.
const fn letters(kind: &'static str) -> Pace {
    Pace {
        kind,
        most: 5,
        within: TimeDelta::hours(1),
        apart: TimeDelta::seconds(30),
    }
}

/// Guesses at what an account is protected by: ten in a quarter of an hour, then a pause. Whoever
/// guesses has shown something right before, so nobody shuts out a stranger.
const fn tries(kind: &'static str) -> Pace {
    Pace {
        kind,
        most: 10,
        within: TimeDelta::minutes(15),
        apart: TimeDelta::zero(),
    }
}

pub(super) const PROOFS: Pace = letters("verify_address");
pub(super) const RESETS: Pace = letters("reset_password");
pub(super) const CODES: Pace = letters("one_time_code");
pub(super) const ADDRESS_CHANGES: Pace = letters("change_address");
pub(super) const SECOND_STEPS: Pace = tries("second_step");
pub(super) const PASSWORDS: Pace = tries("password_again");

/// Whether one more letter may go to `email`.
pub(super) async fn may_write(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    pace: Pace,
    email: &str,
) -> Result<bool, IdentityError> {
    let subject = desk.subject(&format!("{} {email}", pace.kind));
    Ok(queries::limits::take(tx, pace, subject).await?)
}

/// Counts a guess; refuses when there were too many.
pub(super) async fn guess(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    pace: Pace,
    user: UserId,
) -> Result<(), IdentityError> {
    if queries::limits::take(tx, pace, of_account(desk, pace, user)).await? {
        Ok(())
    } else {
        Err(IdentityError::TooManyTries)
    }
}

/// The guess was right: those before it are forgotten.
pub(super) async fn guessed(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    pace: Pace,
    user: UserId,
) -> Result<(), IdentityError> {
    queries::limits::clear(tx, pace, of_account(desk, pace, user)).await?;
    Ok(())
}

fn of_account(desk: &AccountDesk, pace: Pace, user: UserId) -> [u8; 32] {
    desk.subject(&format!("{} user {user}", pace.kind))
}
