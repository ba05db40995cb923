use super::{address::Reach, secret::Safe};
use crate::platform::{
    Settings,
    seal::{BadKey, Keyring},
};

/// What looking after endpoints needs besides the database.
#[derive(Debug)]
pub struct Desk {
    pub reach: Reach,
    pub safe: Safe,
}

impl Desk {
    pub fn new(settings: &Settings) -> Result<Self, BadKey> {
        let keys = Keyring::new(settings.http.secret_key.as_ref())?;
        Ok(Self {
            reach: Reach::new(settings.webhooks.allowed_addresses.clone()),
            safe: Safe::new(&keys),
        })
    }
}
