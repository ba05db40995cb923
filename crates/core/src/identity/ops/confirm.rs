//! Asking somebody who is signed in for their password again, before what can't be taken back.
use super::super::{IdentityError, Passwords, queries};
use crate::{kernel::ids::UserId, platform::SystemDb};
use secrecy::SecretString;

/// Whether it is theirs. No connection is held while it is checked.
pub async fn confirm_password(
    db: &SystemDb,
    passwords: &Passwords,
    user: UserId,
    password: SecretString,
) -> Result<bool, IdentityError> {
    let hash = queries::password_hash(&mut db.begin().await?, user).await?;
    passwords.verify(password, hash).await
}
