use super::{
    super::{AccountDesk, IdentityError, errand, notice, queries},
    confirm::confirm,
};
use crate::{
    kernel::ids::UserId,
    mail::AccountChange,
    outbox::{self, Event, NewEvent},
    platform::SystemDb,
};
use secrecy::SecretString;
use serde_json::json;

/// What becomes of somebody's organisations when they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Farewell {
    /// Theirs alone: closed.
    pub closes: Vec<String>,
    /// Theirs, with others at work: until that is settled they can't go.
    pub keeps: Vec<String>,
}

pub async fn farewell(db: &SystemDb, user: UserId) -> Result<Farewell, IdentityError> {
    let owned = queries::close::owned(&mut db.begin().await?, user).await?;
    let named = |others: bool| {
        let these = owned.iter().filter(move |(.., shared)| *shared == others);
        these.map(|(_, name, _)| name.clone()).collect()
    };
    Ok(Farewell {
        closes: named(false),
        keeps: named(true),
    })
}

/// Deletes an account: nobody can sign in with it, and its name, address and keys are forgotten. What
/// was done in organisations stays in their books.
pub async fn close_account(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    password: SecretString,
    correlation: &str,
) -> Result<(), IdentityError> {
    let candidate = confirm(db, desk, user, &password).await?;
    let mut tx = db.begin().await?;
    let owned = queries::close::owned(&mut tx, user).await?;
    if let Some((_, name, _)) = owned.into_iter().find(|(.., shared)| *shared) {
        return Err(IdentityError::OwnsOthers(name));
    }
    for organization in queries::organizations_of(&mut tx, user).await? {
        let event = NewEvent::new(Event::UserRemoved, user.get(), json!({}));
        outbox::emit_for_system(&mut tx, organization, Some(user), correlation, vec![event])
            .await?;
    }
    if !queries::close::erase(&mut tx, user).await? {
        return Err(IdentityError::WrongPassword);
    }
    let mut to = errand::to(&candidate);
    // There is nobody any more that the note of it could belong to.
    to.user = None;
    notice::tell(&mut tx, to, AccountChange::Deleted, correlation).await?;
    tx.commit().await?;
    Ok(())
}
