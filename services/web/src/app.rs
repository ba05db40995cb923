//! What handlers are lent.
use crate::{auth::Breached, middleware::quota::Policies, reference::Reference};
use actix_web::cookie::Key;
use batchtrack_core::{
    identity::{AccountDesk, Passwords},
    kernel::{Clock, StoreError},
    mail::Letters,
    organizations::{Desk as InvitationDesk, Flags, GrantsCache},
    platform::{Db, Redis, Settings, SystemDb, quota::Limiter, seal::Keyring, wake::Bell},
    tokens::{AccessTokens, devices::RefreshTokens},
    webhooks::Desk,
};
use secrecy::ExposeSecret as _;
use std::sync::Arc;

#[derive(Clone)]
pub struct App {
    /// As the app role, one organisation at a time.
    pub db: Db,
    /// As the system role: signing up and in.
    pub system: SystemDb,
    /// What must not be evicted: sessions.
    pub redis: Redis,
    /// What may be.
    pub cache: Redis,
    /// Counts requests, and attempts to sign in.
    pub limiter: Limiter,
    pub(crate) quotas: Arc<Policies>,
    /// What apps show, and what they renew it with.
    pub access_tokens: AccessTokens,
    pub refresh_tokens: RefreshTokens,
    /// What looking after accounts needs.
    pub accounts: AccountDesk,
    pub clock: Clock,
    /// Wakes the dispatchers when there is something for them.
    pub bell: Bell,
    pub settings: Arc<Settings>,
    /// Categories, as of a minute ago at most.
    pub reference: Reference,
    /// Who may do what.
    pub grants: GrantsCache,
    /// What inviting people needs.
    pub invitations: InvitationDesk,
    /// What looking after webhooks needs.
    pub webhooks: Arc<Desk>,
    /// Asks whether passwords have been stolen somewhere.
    pub(crate) breached: Breached,
    /// Signs cookies.
    pub(crate) key: Key,
}

/// Why the service can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("APP_SECRET_KEY is not set: give at least 64 hex digits, the same to every replica")]
    NoSecretKey,
    #[error("APP_SECRET_KEY must be at least 64 hex digits (openssl rand -hex 32)")]
    BadSecretKey,
    #[error("{0}")]
    Pool(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("can't listen: {0}")]
    Listen(#[from] std::io::Error),
}

impl App {
    /// Makes the pools; connections are opened as they are needed, so nothing has to be up yet.
    pub async fn connect(settings: Settings, clock: Clock) -> Result<Self, StartError> {
        let pool = |error: &dyn std::fmt::Display| StartError::Pool(error.to_string());
        let bell = Bell::default();
        Ok(Self {
            db: Db::connect(&settings.database, clock.clone())
                .await
                .map_err(|error| pool(&error))?
                .with_bell(&bell),
            system: SystemDb::connect(&settings.database, clock.clone())
                .await
                .map_err(|error| pool(&error))?
                .with_bell(&bell),
            bell,
            redis: Redis::connect(&settings.redis).await?,
            cache: Redis::connect_cache(&settings.redis).await?,
            limiter: Limiter::connect(&settings.limits, &settings.redis).await?,
            quotas: Arc::new(Policies::of(&settings)),
            access_tokens: AccessTokens::new(&settings).map_err(|_bad| StartError::BadSecretKey)?,
            refresh_tokens: RefreshTokens::new(&settings)
                .map_err(|_bad| StartError::BadSecretKey)?,
            accounts: AccountDesk::new(&settings, Passwords::new(&settings.passwords))
                .map_err(|_bad| StartError::BadSecretKey)?,
            breached: Breached::at(settings.accounts.breached_passwords_url.as_ref())
                .map_err(|error| pool(&error))?,
            invitations: InvitationDesk {
                letters: letters(&settings)?,
                flags: Flags::default(),
            },
            key: cookie_key(&settings)?,
            webhooks: Arc::new(Desk::new(&settings).map_err(|_bad| StartError::BadSecretKey)?),
            clock,
            settings: Arc::new(settings),
            reference: Reference::default(),
            grants: GrantsCache::default(),
        })
    }
}

/// What letters carry lies sealed in their jobs.
fn letters(settings: &Settings) -> Result<Letters, StartError> {
    let keys = Keyring::new(settings.http.secret_key.as_ref());
    Ok(Letters::new(
        &keys.map_err(|_bad| StartError::BadSecretKey)?,
    ))
}

fn cookie_key(settings: &Settings) -> Result<Key, StartError> {
    let secret = settings
        .http
        .secret_key
        .as_ref()
        .ok_or(StartError::NoSecretKey)?;
    let bytes = hex::decode(secret.expose_secret()).map_err(|_odd| StartError::BadSecretKey)?;
    if bytes.len() < 32 {
        return Err(StartError::BadSecretKey);
    }
    Ok(Key::derive_from(&bytes))
}
