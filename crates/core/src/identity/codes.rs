use super::{
    AccountDesk, IdentityError, limits, queries,
    token::{Token, TokenHash, six_digits, typed_code},
};
use crate::{
    kernel::{ids::UserId, words::words},
    mail::{self, Letter, To},
    platform::SystemTx,
};
use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

words! {
    /// What a mailed code is good for, and for nothing else.
    pub enum CodePurpose {
        SignIn = "sign_in",
        SecondFactor = "second_factor",
    }
}

const GOOD_FOR: TimeDelta = TimeDelta::minutes(7);
const TRIES: i16 = 5;

/// Makes a code for the browser that holds `ticket` and posts it. What a letter brings after the code
/// has run out is worth nothing, so a late one is not sent.
pub(super) async fn post(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    ticket: TokenHash,
    purpose: CodePurpose,
    to: To,
    user: UserId,
    correlation: &str,
) -> Result<(), IdentityError> {
    let code = six_digits()?;
    let expires_at = tx.now() + GOOD_FOR;
    let hash = desk.code_hash(&ticket, code.expose_secret());
    queries::codes::put(tx, ticket, user, purpose, hash, expires_at).await?;
    let letter = Letter::OneTimeCode {
        code: desk.seal_for_letter(&code),
        expires_at,
        after_password: purpose == CodePurpose::SecondFactor,
    };
    mail::send_for_system(tx, correlation, None, to, letter).await?;
    Ok(())
}

/// Whose code it was. A right one is used up with this unit of work, and so is a try at a wrong one,
/// if the caller commits.
pub(super) async fn redeem(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    ticket: &Token,
    purpose: CodePurpose,
    typed: &str,
) -> Result<Option<UserId>, IdentityError> {
    let ticket = ticket.hash();
    let hash = desk.code_hash(&ticket, &typed_code(typed));
    let Some((user, kept)) = queries::codes::attempt(tx, ticket, purpose, TRIES).await? else {
        return Ok(None);
    };
    if !bool::from(hash.as_slice().ct_eq(&kept)) {
        return Ok(None);
    }
    queries::codes::drop_one(tx, ticket).await?;
    Ok(Some(user))
}

/// Whether another code may be mailed to `email`.
pub(super) async fn may_post(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    email: &str,
) -> Result<bool, IdentityError> {
    limits::may_write(tx, desk, limits::CODES, email).await
}
