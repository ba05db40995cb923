use super::{
    super::{
        AccountDesk, IdentityError,
        model::{Admission, Method},
        queries,
    },
    enter,
};
use crate::platform::SystemDb;
use secrecy::SecretString;

/// Lets somebody in who knows a user name or address and its password, if that is all it takes.
///
/// No connection is held while the password is checked: that waits its turn, up to seconds.
pub async fn sign_in(
    db: &SystemDb,
    desk: &AccountDesk,
    name: &str,
    password: SecretString,
    correlation: &str,
) -> Result<Admission, IdentityError> {
    let name = name.trim();
    let candidate = queries::candidate(&mut db.begin().await?, name).await?;
    let hash = candidate.as_ref().map(|found| found.password_hash.clone());
    let matches = desk.matches(&password, hash).await?;
    let Some(candidate) = candidate.filter(|_| matches) else {
        return Err(IdentityError::BadCredentials);
    };
    let mut tx = db.begin().await?;
    let admission = enter::admit(&mut tx, desk, &candidate, Method::Password, correlation).await?;
    tx.commit().await?;
    Ok(admission)
}
