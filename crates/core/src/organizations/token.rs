//! What ends the link of an invitation: told by its letter alone.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// Nobody guesses 32 random bytes, so their plain hash is enough to find them again by.
pub(super) struct Token {
    pub(super) text: SecretString,
    pub(super) hash: [u8; 32],
}

impl Token {
    /// # Panics
    /// When the system has no random numbers to give.
    pub(super) fn make() -> Self {
        let mut random = [0; 32];
        getrandom::fill(&mut random).expect("the system gives random numbers");
        let text = SecretString::from(URL_SAFE_NO_PAD.encode(random));
        let hash = hash(text.expose_secret());
        Self { text, hash }
    }
}

pub(super) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
