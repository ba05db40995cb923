//! Sign-ins of apps: an access token for some minutes, and a refresh token that is good for one renewal.
//!
//! A refresh token that was renewed already and comes again means that two have it, and nobody can tell
//! which of them is the thief: the whole sign-in ends. Except within ten seconds of its renewal: then the
//! answer was lost on the way, and whoever asks gets the same successor again. A thief who is as quick
//! has the successor too, and is found out when it is used for the second time.
mod queries;
mod secret;

use self::secret::Presented;
pub use self::{queries::list, secret::RefreshTokens};
use super::TokenError;
use crate::{
    identity::{self, SignedIn},
    kernel::ids::{DeviceSignInId, OrganizationId, UserId},
    organizations,
    platform::{SystemDb, SystemTx},
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;

/// How long a refresh token waits to be used.
pub const IDLE: TimeDelta = TimeDelta::days(30);
/// How long a sign-in goes on, however often it is renewed.
pub const LONGEST: TimeDelta = TimeDelta::days(365);
/// How long the answer to a renewal may be asked for again.
const LOST_ANSWER: TimeDelta = TimeDelta::seconds(10);

/// Somebody signed in by an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub id: DeviceSignInId,
    pub user: UserId,
    /// Where they act.
    pub organization: Option<OrganizationId>,
    /// Of the account when they signed in.
    pub session_epoch: i32,
    /// As the app calls itself.
    pub name: String,
    pub address: String,
    pub begun_at: DateTime<Utc>,
    pub renewed_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A row as it lies there, with what its tokens are made of.
struct Kept {
    device: Device,
    nonce: Vec<u8>,
    generation: i32,
}

/// What an app signs in with.
#[derive(Debug, Clone)]
pub struct NewDevice {
    pub name: String,
    pub address: String,
    /// Where to act; left out: where a browser would.
    pub organization: Option<OrganizationId>,
    /// Whether the account's other devices are signed out.
    pub is_alone: bool,
}

/// Begins a sign-in of somebody who has just proved who they are.
pub async fn begin(
    db: &SystemDb,
    tokens: &RefreshTokens,
    who: &SignedIn,
    new: NewDevice,
) -> Result<(Device, SecretString), TokenError> {
    let mut tx = db.begin().await?;
    let organization = match new.organization {
        Some(wanted) => Some(place(&mut tx, who.user, wanted).await?),
        None => who.organization,
    };
    if new.is_alone {
        queries::end_all(&mut tx, who.user).await?;
    }
    queries::forget(&mut tx, who.user).await?;
    let mut nonce = vec![0_u8; 16];
    getrandom::fill(&mut nonce).expect("the system gives random numbers");
    let kept = queries::insert(&mut tx, who, organization, &new, nonce).await?;
    tx.commit().await?;
    Ok(kept.with_token(tokens))
}

/// Renews a sign-in: another refresh token, and the former one is worth nothing.
pub async fn renew(
    db: &SystemDb,
    tokens: &RefreshTokens,
    refresh: &str,
    organization: Option<OrganizationId>,
) -> Result<(Device, SecretString), TokenError> {
    let shown = Presented::parse(refresh).ok_or(TokenError::BadRefresh)?;
    let mut tx = db.begin().await?;
    let mut kept = known(&mut tx, tokens, &shown).await?;
    let now = tx.now();
    if shown.generation != kept.generation {
        let is_retry =
            shown.generation + 1 == kept.generation && now - kept.device.renewed_at < LOST_ANSWER;
        if is_retry {
            return Ok(kept.with_token(tokens));
        }
        queries::end(&mut tx, kept.device.user, kept.device.id).await?;
        tx.commit().await?;
        return Err(TokenError::Reused);
    }
    let account = identity::person(&mut tx, kept.device.user).await?;
    let is_theirs = |epoch| epoch == kept.device.session_epoch;
    if !account.is_some_and(|account| is_theirs(account.session_epoch)) {
        return Err(TokenError::BadRefresh);
    }
    if let Some(wanted) = organization {
        kept.device.organization = Some(place(&mut tx, kept.device.user, wanted).await?);
    }
    kept.generation += 1;
    kept.device.renewed_at = now;
    kept.device.expires_at = (now + IDLE).min(kept.device.begun_at + LONGEST);
    queries::renew(&mut tx, &kept).await?;
    tx.commit().await?;
    Ok(kept.with_token(tokens))
}

/// Ends the sign-in that a refresh token belongs to. One that is no good has nothing to end.
pub async fn give_up(
    db: &SystemDb,
    tokens: &RefreshTokens,
    refresh: &str,
) -> Result<(), TokenError> {
    let Some(shown) = Presented::parse(refresh) else {
        return Ok(());
    };
    let mut tx = db.begin().await?;
    match known(&mut tx, tokens, &shown).await {
        Ok(kept) => queries::end(&mut tx, kept.device.user, kept.device.id).await?,
        Err(TokenError::BadRefresh) => return Ok(()),
        Err(error) => return Err(error),
    }
    tx.commit().await?;
    Ok(())
}

/// Signs one device of somebody out; its access token is good for some minutes more.
pub async fn end(db: &SystemDb, user: UserId, id: DeviceSignInId) -> Result<(), TokenError> {
    let mut tx = db.begin().await?;
    queries::end(&mut tx, user, id).await?;
    tx.commit().await?;
    Ok(())
}

/// The same for all of them.
pub async fn end_all(db: &SystemDb, user: UserId) -> Result<(), TokenError> {
    let mut tx = db.begin().await?;
    queries::end_all(&mut tx, user).await?;
    tx.commit().await?;
    Ok(())
}

/// A live sign-in by a token that it has or had; held until the transaction ends.
async fn known(
    tx: &mut SystemTx,
    tokens: &RefreshTokens,
    shown: &Presented,
) -> Result<Kept, TokenError> {
    let kept = queries::hold(tx, shown.device).await?;
    kept.filter(|kept| tokens.knows(shown, &kept.nonce))
        .ok_or(TokenError::BadRefresh)
}

/// An organisation that they may act in.
async fn place(
    tx: &mut SystemTx,
    user: UserId,
    wanted: OrganizationId,
) -> Result<OrganizationId, TokenError> {
    let places = organizations::places(tx, user).await?;
    let place = places.iter().find(|place| place.organization == wanted);
    place
        .map(|place| place.organization)
        .ok_or(TokenError::NotTheirs)
}

impl Kept {
    fn with_token(self, tokens: &RefreshTokens) -> (Device, SecretString) {
        let token = tokens.make(self.device.id, &self.nonce, self.generation);
        (self.device, token)
    }
}
