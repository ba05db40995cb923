use super::{
    AccountDesk, IdentityError, queries,
    token::{Token, TokenHash},
};
use crate::{
    kernel::{ids::UserId, words::words},
    platform::{SystemDb, SystemTx},
};
use chrono::{DateTime, TimeDelta, Utc};

words! {
    /// What following a link does; it is good for nothing else.
    pub enum LinkPurpose {
        VerifyAddress = "verify_address",
        ResetPassword = "reset_password",
        ChangeAddress = "change_address",
    }
}

/// As long as a link is good.
const GOOD_FOR: TimeDelta = TimeDelta::hours(24);

/// What a page says of a link before anybody has used it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it was sent.
    pub email: String,
}

/// A link as it goes into a letter.
pub(super) struct Made {
    pub(super) token: crate::mail::Sealed,
    pub(super) expires_at: DateTime<Utc>,
}

/// Makes a link for `user`, to be sent to `email`.
pub(super) async fn make(
    tx: &mut SystemTx,
    desk: &AccountDesk,
    user: UserId,
    purpose: LinkPurpose,
    email: &str,
) -> Result<Made, IdentityError> {
    let token = Token::new()?;
    let expires_at = tx.now() + GOOD_FOR;
    queries::links::add(tx, token.hash(), user, purpose, email, expires_at).await?;
    Ok(Made {
        token: desk.seal_for_letter(token.secret()),
        expires_at,
    })
}

/// Looks at a link and uses nothing up: mail scanners look at every one.
pub async fn look_at_link(
    db: &SystemDb,
    token: &Token,
    purpose: LinkPurpose,
) -> Result<Link, IdentityError> {
    let mut tx = db.begin().await?;
    let (_, email) = find(&mut tx, token.hash(), purpose).await?;
    Ok(Link { email })
}

pub(super) async fn find(
    tx: &mut SystemTx,
    token: TokenHash,
    purpose: LinkPurpose,
) -> Result<(UserId, String), IdentityError> {
    let found = queries::links::find(tx, token, purpose).await?;
    found.ok_or(IdentityError::BadLink)
}

pub(super) async fn consume(
    tx: &mut SystemTx,
    token: TokenHash,
    purpose: LinkPurpose,
) -> Result<(UserId, String), IdentityError> {
    // A new password holds its account and then drops the account's links: so this comes in that order, too.
    let (user, _) = find(tx, token, purpose).await?;
    queries::hold(tx, user).await?;
    let found = queries::links::consume(tx, token, purpose).await?;
    found.ok_or(IdentityError::BadLink)
}
