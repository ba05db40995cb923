use super::{
    super::{
        AccountDesk, IdentityError, Token, errand,
        errand::AccountErrand,
        limits,
        links::{self, LinkPurpose},
        notice, queries,
    },
    confirm::confirm,
};
use crate::{
    kernel::{ids::UserId, text::Email},
    mail::AccountChange,
    outbox::{self, Event, NewEvent},
    platform::{SystemDb, SystemTx},
};
use secrecy::SecretString;
use serde_json::json;

/// Asks a new address whether it is theirs. Until its letter is followed nothing changes; whether
/// somebody else has the address, only that letter says.
pub async fn request_address_change(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    password: SecretString,
    address: &Email,
    correlation: &str,
) -> Result<(), IdentityError> {
    let candidate = confirm(db, desk, user, &password).await?;
    let address = address.as_str().to_owned();
    if candidate.email == address {
        return Err(IdentityError::SameAddress);
    }
    let mut tx = db.begin().await?;
    limits::guessed(&mut tx, desk, limits::PASSWORDS, user).await?;
    let may = limits::may_write(&mut tx, desk, limits::ADDRESS_CHANGES, &address).await?;
    if may {
        let wanted = AccountErrand::ChangeAddress { user, address };
        errand::send(&mut tx, correlation, wanted).await?;
    }
    tx.commit().await?;
    may.then_some(()).ok_or(IdentityError::TooManyLetters)
}

/// Follows the link in that letter: the address is theirs from now on, and the old one hears of it.
pub async fn change_address(
    db: &SystemDb,
    token: &Token,
    correlation: &str,
) -> Result<String, IdentityError> {
    let mut tx = db.begin().await?;
    let purpose = LinkPurpose::ChangeAddress;
    let (user, email) = links::consume(&mut tx, token.hash(), purpose).await?;
    let before = queries::candidate_by_id(&mut tx, user).await?;
    let before = before.ok_or(IdentityError::BadLink)?;
    if !queries::change_address(&mut tx, user, &email).await? {
        return Err(IdentityError::BadLink);
    }
    // What was sent to the old address is worth nothing.
    queries::links::drop_all(&mut tx, user).await?;
    queries::codes::drop_all(&mut tx, user).await?;
    let what = AccountChange::Address { to: masked(&email) };
    notice::tell(&mut tx, errand::to(&before), what, correlation).await?;
    tell_colleagues(&mut tx, user, &["email"], correlation).await?;
    tx.commit().await?;
    Ok(email)
}

/// Each organisation that they belong to hears what of them is different.
pub(in super::super) async fn tell_colleagues(
    tx: &mut SystemTx,
    user: UserId,
    changed: &[&str],
    correlation: &str,
) -> Result<(), IdentityError> {
    for organization in queries::organizations_of(tx, user).await? {
        let event = NewEvent::new(
            Event::UserUpdated,
            user.get(),
            json!({ "changed": changed }),
        );
        outbox::emit_for_system(tx, organization, Some(user), correlation, vec![event]).await?;
    }
    Ok(())
}

/// Enough to know one's own address by, and not enough to write to it.
fn masked(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or_default();
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{domain}")
}
