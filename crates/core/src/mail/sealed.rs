use crate::platform::seal::{Keyring, Sealer, Unsealable};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Keeps the secrets that letters carry: a job may lie in a table for days, and for ever once it is
/// dead.
#[derive(Debug, Clone)]
pub struct Letters(Arc<Sealer>);

/// A code or a token that only a dispatcher can read, while it writes the letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

const PLACE: &[u8] = b"letter";

impl Letters {
    pub fn new(keys: &Keyring) -> Self {
        Self(Arc::new(keys.sealer("mail.letters.v1")))
    }

    pub fn seal(&self, secret: &SecretString) -> Sealed {
        let sealed = self.0.seal(secret.expose_secret().as_bytes(), PLACE);
        Sealed(STANDARD.encode(sealed))
    }

    pub fn open(&self, sealed: &Sealed) -> Result<SecretString, Unsealable> {
        let bytes = STANDARD
            .decode(&sealed.0)
            .map_err(|_not_base64| Unsealable)?;
        let secret = self.0.open(&bytes, PLACE)?;
        let text = String::from_utf8(secret).map_err(|_not_text| Unsealable)?;
        Ok(SecretString::from(text))
    }
}
