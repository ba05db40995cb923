use super::super::{
    IdentityError, Passwords,
    model::{Account, NewAccount},
    queries,
    rules::{Username, check_password},
};
use crate::{
    outbox::{self, NewEvent},
    platform::SystemDb,
};
use secrecy::ExposeSecret as _;
use serde_json::json;

/// Makes an organisation and its owner, whole or not at all.
pub async fn sign_up(
    db: &SystemDb,
    passwords: &Passwords,
    new: NewAccount,
    correlation: &str,
) -> Result<Account, IdentityError> {
    check_password(new.password.expose_secret())?;
    let hash = passwords.hash(new.password.clone()).await?;
    let username = if let Some(chosen) = &new.username {
        chosen.clone()
    } else {
        let mut random = [0_u8; 3];
        getrandom::fill(&mut random).map_err(|error| IdentityError::Hashing(error.to_string()))?;
        Username::from_address(&new.email, random)
    };

    let mut tx = db.begin().await?;
    let organization = queries::insert_organization(&mut tx, &new).await?;
    let user = queries::insert_user(&mut tx, &new, username.as_str(), &hash).await?;
    queries::insert_owner(&mut tx, organization, user).await?;
    let facts = json!({ "user_id": user, "organization_id": organization });
    let events = vec![
        NewEvent::new(
            "account_created",
            "organization",
            organization.get(),
            facts.clone(),
        ),
        NewEvent::new(
            "free_account_created",
            "organization",
            organization.get(),
            facts.clone(),
        ),
        NewEvent::new(
            "signup_completed",
            "organization",
            organization.get(),
            facts,
        ),
    ];
    outbox::emit_for_system(&mut tx, organization, Some(user), correlation, events).await?;
    tx.commit().await?;
    Ok(Account {
        user,
        organization,
        username: username.to_string(),
    })
}
