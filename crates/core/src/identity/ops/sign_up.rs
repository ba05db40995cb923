use super::super::{
    IdentityError, Passwords,
    model::{Account, NewAccount},
    queries,
    rules::{Username, check_password},
};
use crate::{
    outbox::{self, Event, NewEvent},
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
    // Nobody has bought anything yet, and there is one way to sign up.
    let facts = json!({
        "signup_source": "direct",
        "signup_flow": "quick",
        "billing_provider": null,
        "tier_id": null,
        "is_oauth_signup": false,
        "purchase_completed": false,
        "used_promo_code": false,
        "promo_code": null,
        "used_referral_code": false,
        "referral_code": null,
        "user_id": user,
        "organization_id": organization,
    });
    let made = [
        Event::AccountCreated,
        Event::FreeAccountCreated,
        Event::SignupCompleted,
    ];
    let mut events: Vec<_> = made
        .into_iter()
        .map(|event| NewEvent::new(event, organization.get(), facts.clone()))
        .collect();
    // Whoever has signed up is in.
    let entered =
        json!({ "is_first_login": true, "login_method": "signup", "destination_hint": null });
    events.push(NewEvent::new(
        Event::UserLoginSucceeded,
        user.get(),
        entered,
    ));
    outbox::emit_for_system(&mut tx, organization, Some(user), correlation, events).await?;
    tx.commit().await?;
    Ok(Account {
        user,
        organization,
        username: username.to_string(),
    })
}
