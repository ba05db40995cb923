use super::super::{
    AccountDesk, IdentityError, Token, errand,
    errand::AccountErrand,
    limits,
    links::{self, LinkPurpose},
    notice, queries,
    rules::{Own, check_password},
};
use crate::{
    kernel::{ids::UserId, text::Email},
    mail::AccountChange,
    platform::SystemDb,
};
use secrecy::{ExposeSecret as _, SecretString};

/// Sends a link to choose a new password; whether there is such an account, only the letter says.
pub async fn request_reset(
    db: &SystemDb,
    desk: &AccountDesk,
    address: &Email,
    correlation: &str,
) -> Result<(), IdentityError> {
    let address = address.as_str().to_owned();
    let mut tx = db.begin().await?;
    if !limits::may_write(&mut tx, desk, limits::RESETS, &address).await? {
        return Err(IdentityError::TooManyLetters);
    }
    let wanted = AccountErrand::ResetPassword { address };
    errand::send(&mut tx, correlation, wanted).await?;
    tx.commit().await?;
    Ok(())
}

/// Follows such a link: a new password, and all sessions are over. Who could read the letter has the
/// address.
pub async fn reset_password(
    db: &SystemDb,
    desk: &AccountDesk,
    token: &Token,
    password: SecretString,
    correlation: &str,
) -> Result<UserId, IdentityError> {
    let purpose = LinkPurpose::ResetPassword;
    let mut tx = db.begin().await?;
    let (user, _) = links::find(&mut tx, token.hash(), purpose).await?;
    let person = queries::person(&mut tx, user).await?;
    drop(tx);
    let person = person.ok_or(IdentityError::BadLink)?;
    let own = Own {
        email: &person.email,
        username: &person.username,
        first_name: &person.first_name,
        last_name: &person.last_name,
    };
    check_password(password.expose_secret(), own)?;
    let hash = desk.passwords().hash(password).await?;

    let mut tx = db.begin().await?;
    let (user, email) = links::consume(&mut tx, token.hash(), purpose).await?;
    let candidate = queries::candidate_by_id(&mut tx, user).await?;
    let candidate = candidate
        .filter(|found| found.email == email)
        .ok_or(IdentityError::BadLink)?;
    if !queries::change_password(&mut tx, &candidate, hash).await? {
        return Err(IdentityError::BadLink);
    }
    queries::know_address(&mut tx, user, &email).await?;
    queries::links::drop_all(&mut tx, user).await?;
    queries::codes::drop_all(&mut tx, user).await?;
    limits::guessed(&mut tx, desk, limits::PASSWORDS, user).await?;
    let to = errand::to(&candidate);
    notice::tell(&mut tx, to, AccountChange::Password, correlation).await?;
    tx.commit().await?;
    Ok(user)
}
