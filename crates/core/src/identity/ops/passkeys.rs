use super::{
    super::{
        AccountDesk, IdentityError, errand,
        model::{Admission, Method},
        notice,
        passkeys::{Recognising, Registering},
        queries,
    },
    enter,
};
use crate::{
    kernel::ids::{PasskeyId, UserId},
    mail::AccountChange,
    platform::SystemDb,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use webauthn_rs::prelude::{
    CreationChallengeResponse, Passkey, PublicKeyCredential, RegisterPublicKeyCredential,
    RequestChallengeResponse,
};

/// Nobody has as many devices.
const MOST: usize = 10;

/// A key of somebody, as they know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyInfo {
    pub id: PasskeyId,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

pub async fn passkeys(db: &SystemDb, user: UserId) -> Result<Vec<PasskeyInfo>, IdentityError> {
    let rows = queries::passkeys::of(&mut db.begin().await?, user).await?;
    let info = |row: queries::passkeys::Row| PasskeyInfo {
        id: row.id,
        name: row.name,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
    };
    Ok(rows.into_iter().map(info).collect())
}

/// What to ask the browser of somebody signed in for, and what to keep until it has answered.
pub async fn begin_passkey(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
) -> Result<(CreationChallengeResponse, Registering), IdentityError> {
    let mut tx = db.begin().await?;
    let rows = queries::passkeys::of(&mut tx, user).await?;
    if rows.len() >= MOST {
        return Err(IdentityError::TooManyPasskeys);
    }
    let person = queries::person(&mut tx, user).await?;
    let person = person.ok_or(IdentityError::BadCredentials)?;
    let handle = rows
        .first()
        .and_then(|row| <[u8; 16]>::try_from(row.handle.as_slice()).ok());
    let others = rows
        .into_iter()
        .map(|row| key(row.credential))
        .collect::<Result<Vec<_>, _>>()?;
    let names = (person.email.as_str(), &*person.display_name());
    desk.passkeys()?.begin_registering(handle, names, &others)
}

/// Adds the key that the browser made, under a name of 1 to 64 characters.
pub async fn add_passkey(
    db: &SystemDb,
    desk: &AccountDesk,
    user: UserId,
    name: &str,
    begun: &Registering,
    answer: &RegisterPublicKeyCredential,
    correlation: &str,
) -> Result<(), IdentityError> {
    let (key, handle) = desk.passkeys()?.finish_registering(begun, answer)?;
    let credential = stored(&key)?;
    let mut tx = db.begin().await?;
    let candidate = queries::candidate_by_id(&mut tx, user).await?;
    let candidate = candidate.ok_or(IdentityError::BadCredentials)?;
    let id = key.cred_id();
    queries::passkeys::add(&mut tx, user, id, handle, name, credential).await?;
    let what = AccountChange::PasskeyAdded {
        name: name.to_owned(),
    };
    notice::tell(&mut tx, errand::to(&candidate), what, correlation).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a key away; `false` where they have no such key.
pub async fn remove_passkey(
    db: &SystemDb,
    user: UserId,
    id: PasskeyId,
    correlation: &str,
) -> Result<bool, IdentityError> {
    let mut tx = db.begin().await?;
    let Some(name) = queries::passkeys::remove(&mut tx, user, id).await? else {
        return Ok(false);
    };
    if let Some(candidate) = queries::candidate_by_id(&mut tx, user).await? {
        let what = AccountChange::PasskeyRemoved { name };
        notice::tell(&mut tx, errand::to(&candidate), what, correlation).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// What to ask the browser of somebody for who wants to sign in: with a key of the name they typed, or
/// with any.
pub async fn begin_recognising(
    db: &SystemDb,
    desk: &AccountDesk,
    name: Option<&str>,
) -> Result<(RequestChallengeResponse, Recognising), IdentityError> {
    let Some(name) = name else {
        return desk.passkeys()?.begin_for_anybody();
    };
    let keys = queries::passkeys::by_name(&mut db.begin().await?, name).await?;
    let keys = keys.into_iter().map(key).collect::<Result<Vec<_>, _>>()?;
    desk.passkeys()?.begin_for_one(name, &keys)
}

/// Lets somebody in whose key has answered. That takes a finger or a number besides the device, so
/// nothing else is asked for.
pub async fn sign_in_by_passkey(
    db: &SystemDb,
    desk: &AccountDesk,
    begun: Recognising,
    answer: &PublicKeyCredential,
    correlation: &str,
) -> Result<Admission, IdentityError> {
    let mut tx = db.begin().await?;
    let found = queries::passkeys::by_credential(&mut tx, answer.get_credential_id()).await?;
    let (id, user, credential) = found.ok_or(IdentityError::BadPasskey)?;
    let mut key = key(credential)?;
    desk.passkeys()?.finish(begun, answer, &mut key)?;
    queries::passkeys::used(&mut tx, id, stored(&key)?).await?;
    let candidate = queries::candidate_by_id(&mut tx, user).await?;
    let candidate = candidate.ok_or(IdentityError::BadPasskey)?;
    let by = Method::Passkey;
    let admission = enter::admit(&mut tx, desk, &candidate, by, correlation).await?;
    tx.commit().await?;
    Ok(admission)
}

fn key(stored: Value) -> Result<Passkey, IdentityError> {
    serde_json::from_value(stored)
        .map_err(|error| IdentityError::Hashing(format!("a passkey can't be read: {error}")))
}

fn stored(key: &Passkey) -> Result<Value, IdentityError> {
    serde_json::to_value(key).map_err(|error| IdentityError::Hashing(error.to_string()))
}
