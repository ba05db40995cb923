//! Asking somebody who is signed in for their password again, before what an open session alone must
//! not do.
use super::super::{AccountDesk, IdentityError, limits, model::Candidate, queries};
use crate::{kernel::ids::UserId, platform::SystemDb};
use secrecy::SecretString;

/// Refuses a password that is not theirs. No connection is held while it is checked.
pub async fn confirm_password(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    password: &SecretString,
) -> Result<(), IdentityError> {
    confirm(db, desk, user, password).await?;
    let mut tx = db.begin().await?;
    limits::guessed(&mut tx, desk, limits::PASSWORDS, user).await?;
    tx.commit().await?;
    Ok(())
}

pub(in super::super) async fn confirm(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    password: &SecretString,
) -> Result<Candidate, IdentityError> {
    let mut tx = db.begin().await?;
    limits::guess(&mut tx, desk, limits::PASSWORDS, user).await?;
    let candidate = queries::candidate_by_id(&mut tx, user).await?;
    tx.commit().await?;
    let hash = candidate.as_ref().map(|found| found.password_hash.clone());
    if !desk.matches(password, hash).await? {
        return Err(IdentityError::WrongPassword);
    }
    candidate.ok_or(IdentityError::WrongPassword)
}
