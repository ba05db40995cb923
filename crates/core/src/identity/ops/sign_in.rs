use super::super::{IdentityError, Passwords, model::SignedIn, queries, rules::LONGEST_PASSWORD};
use crate::{
    outbox::{self, Event, NewEvent},
    platform::SystemDb,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

/// Lets somebody in who knows a user name or address and its password.
///
/// No connection is held while the password is checked: that waits its turn, up to seconds.
pub async fn sign_in(
    db: &SystemDb,
    passwords: &Passwords,
    name: &str,
    password: SecretString,
    correlation: &str,
) -> Result<SignedIn, IdentityError> {
    let name = name.trim();
    let candidate = queries::candidate(&mut db.begin().await?, name).await?;
    let too_long = password.expose_secret().chars().count() > LONGEST_PASSWORD;
    let hash = candidate
        .as_ref()
        .filter(|_| !too_long)
        .map(|found| found.password_hash.clone());
    let password = if too_long { "".into() } else { password };
    let matches = passwords.verify(password, hash).await?;

    let Some(candidate) = candidate.filter(|_| matches) else {
        return Err(IdentityError::BadCredentials);
    };
    let mut tx = db.begin().await?;
    if !queries::record_sign_in(&mut tx, &candidate).await? {
        return Err(IdentityError::BadCredentials);
    }
    let user = candidate.user;
    let event = NewEvent::new(
        Event::UserLoginSucceeded,
        user.get(),
        json!({
            "is_first_login": candidate.is_first,
            "login_method": "password",
            "destination_hint": null,
        }),
    );
    if let Some(organization) = candidate.organization {
        outbox::emit_for_system(&mut tx, organization, Some(user), correlation, vec![event])
            .await?;
    }
    tx.commit().await?;
    Ok(SignedIn {
        user,
        organization: candidate.organization,
        session_epoch: candidate.session_epoch,
    })
}
