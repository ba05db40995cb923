use super::super::{
    AccountDesk, IdentityError, Passwords, errand,
    errand::AccountErrand,
    limits,
    model::{Account, NewAccount},
    queries,
    rules::{Own, Username, check_password},
    token::random,
};
use crate::{
    kernel::text::{Email, Name},
    outbox::{self, Event, NewEvent},
    platform::{SystemDb, SystemTx},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Makes an organisation and its owner, whole or not at all, and lets them in: where nobody is asked to
/// prove an address.
pub async fn sign_up(
    db: &SystemDb,
    passwords: &Passwords,
    new: NewAccount,
    correlation: &str,
) -> Result<Account, IdentityError> {
    check(&new)?;
    let hash = passwords.hash(new.password.clone()).await?;
    let mut tx = db.begin().await?;
    let account = make(&mut tx, &new, &hash, true, correlation).await?;
    tx.commit().await?;
    Ok(account)
}

/// Takes a sign-up whose address is to be proved first. What became of it only a letter to that
/// address says: nobody else learns whether there was an account.
pub async fn request_sign_up(
    db: &SystemDb,
    desk: &AccountDesk,
    new: NewAccount,
    correlation: &str,
) -> Result<(), IdentityError> {
    check(&new)?;
    let hash = desk.passwords().hash(new.password.clone()).await?;
    let mut tx = db.begin().await?;
    if let Some(username) = &new.username
        && queries::username_exists(&mut tx, username.as_str()).await?
    {
        return Err(IdentityError::UsernameTaken);
    }
    if limits::may_write(&mut tx, desk, limits::PROOFS, new.email.as_str()).await? {
        let sealed = seal(desk, &new, hash)?;
        errand::send(&mut tx, correlation, AccountErrand::SignUp { sealed }).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn check(new: &NewAccount) -> Result<(), IdentityError> {
    let own = Own {
        email: new.email.as_str(),
        username: new.username.as_ref().map_or("", Username::as_str),
        first_name: new.first_name.as_str(),
        last_name: new.last_name.as_str(),
    };
    check_password(new.password.expose_secret(), own)
}

/// A sign-up as its errand carries it, sealed: a job may lie in a table for days.
#[derive(Serialize, Deserialize)]
struct Kept {
    organization: String,
    first_name: String,
    last_name: String,
    email: String,
    username: Option<String>,
    timezone: String,
    hash: String,
}

const PLACE: &str = "sign-up";

fn seal(desk: &AccountDesk, new: &NewAccount, hash: String) -> Result<String, IdentityError> {
    let kept = Kept {
        organization: new.organization.to_string(),
        first_name: new.first_name.to_string(),
        last_name: new.last_name.to_string(),
        email: new.email.as_str().to_owned(),
        username: new.username.as_ref().map(Username::to_string),
        timezone: new.timezone.clone(),
        hash,
    };
    let text = serde_json::to_vec(&kept).map_err(|e| IdentityError::Hashing(e.to_string()))?;
    Ok(STANDARD.encode(desk.seal(&text, PLACE)))
}

/// What was sealed, and the hash of its password.
pub(in super::super) fn open(
    desk: &AccountDesk,
    sealed: &str,
) -> Result<(NewAccount, String), IdentityError> {
    let bytes = STANDARD.decode(sealed).map_err(broken)?;
    let kept: Kept = serde_json::from_slice(&desk.open(&bytes, PLACE)?).map_err(broken)?;
    let name = |text: String| text.parse::<Name>().map_err(broken);
    let new = NewAccount {
        organization: name(kept.organization)?,
        first_name: name(kept.first_name)?,
        last_name: name(kept.last_name)?,
        email: kept.email.parse::<Email>().map_err(broken)?,
        username: kept.username.and_then(|name| name.parse().ok()),
        password: SecretString::from(""),
        timezone: kept.timezone,
    };
    Ok((new, kept.hash))
}

fn broken(error: impl std::fmt::Display) -> IdentityError {
    IdentityError::Hashing(format!("a sign-up can't be read: {error}"))
}

/// Makes an organisation and its owner. Whoever `is_in` has signed in with it.
pub(in super::super) async fn make(
    tx: &mut SystemTx,
    new: &NewAccount,
    hash: &str,
    is_in: bool,
    correlation: &str,
) -> Result<Account, IdentityError> {
    let username = match &new.username {
        Some(chosen) => chosen.clone(),
        None => Username::from_address(&new.email, random()?),
    };
    let organization = queries::insert_organization(tx, new).await?;
    let user = queries::insert_user(tx, new, username.as_str(), hash, is_in).await?;
    queries::insert_owner(tx, organization, user).await?;
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
    if is_in {
        let entered =
            json!({ "is_first_login": true, "login_method": "signup", "destination_hint": null });
        events.push(NewEvent::new(
            Event::UserLoginSucceeded,
            user.get(),
            entered,
        ));
    }
    outbox::emit_for_system(tx, organization, Some(user), correlation, events).await?;
    Ok(Account {
        user,
        organization,
        username: username.to_string(),
    })
}
