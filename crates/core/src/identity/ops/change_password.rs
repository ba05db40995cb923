use super::{
    super::{
        AccountDesk, IdentityError, errand, limits, notice, queries,
        rules::{Own, check_password},
    },
    confirm::confirm,
};
use crate::{kernel::ids::UserId, mail::AccountChange, platform::SystemDb};
use secrecy::{ExposeSecret as _, SecretString};

/// Changes a password and ends all sessions; says the number under which a new one may begin.
pub async fn change_password(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    current: SecretString,
    new: SecretString,
    correlation: &str,
) -> Result<i32, IdentityError> {
    let person = queries::person(&mut db.begin().await?, user).await?;
    let person = person.ok_or(IdentityError::WrongPassword)?;
    let own = Own {
        email: &person.email,
        username: &person.username,
        first_name: &person.first_name,
        last_name: &person.last_name,
    };
    check_password(new.expose_secret(), own)?;
    let candidate = confirm(db, desk, user, &current).await?;
    let hash = desk.passwords().hash(new).await?;

    let mut tx = db.begin().await?;
    if !queries::change_password(&mut tx, &candidate, hash).await? {
        return Err(IdentityError::WrongPassword);
    }
    limits::guessed(&mut tx, desk, limits::PASSWORDS, user).await?;
    queries::links::drop_all(&mut tx, user).await?;
    queries::codes::drop_all(&mut tx, user).await?;
    let to = errand::to(&candidate);
    notice::tell(&mut tx, to, AccountChange::Password, correlation).await?;
    tx.commit().await?;
    Ok(candidate.session_epoch + 1)
}
