//! Keys made from `APP_SECRET_KEY`, one for each purpose, so that what is sealed or signed for one
//! is worth nothing for another.
use aws_lc_rs::{
    aead::{self, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
};
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;

/// Why no keys can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    #[error("APP_SECRET_KEY is not set: give at least 64 hex digits, the same to every service")]
    NotSet,
    #[error("APP_SECRET_KEY must be at least 64 hex digits (openssl rand -hex 32)")]
    TooShort,
}

/// What was sealed by another key, for another place, or has been tampered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this was not sealed here with the present APP_SECRET_KEY")]
pub struct Unsealable;

/// Where the keys come from.
#[derive(Clone)]
pub struct Keyring(hkdf::Prk);

impl Keyring {
    pub fn new(secret: Option<&SecretString>) -> Result<Self, BadKey> {
        let secret = secret.ok_or(BadKey::NotSet)?.expose_secret();
        let bytes = hex::decode(secret).map_err(|_odd| BadKey::TooShort)?;
        if bytes.len() < 32 {
            return Err(BadKey::TooShort);
        }
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"batchtrack keys v1");
        Ok(Self(salt.extract(&bytes)))
    }

    /// Keeps secrets that have to lie in a table. `purpose` never changes once released.
    pub fn sealer(&self, purpose: &str) -> Sealer {
        let key = UnboundKey::new(&aead::AES_256_GCM, &self.key(purpose))
            .expect("the key is as long as the algorithm wants it");
        Sealer(LessSafeKey::new(key))
    }

    /// Makes tokens that nobody else can make. `purpose` never changes once released.
    pub fn signer(&self, purpose: &str) -> Signer {
        Signer(hmac::Key::new(hmac::HMAC_SHA256, &self.key(purpose)))
    }

    /// A key for what is made elsewhere. `purpose` never changes once released.
    pub(crate) fn secret(&self, purpose: &str) -> [u8; 32] {
        self.key(purpose)
    }

    fn key(&self, purpose: &str) -> [u8; 32] {
        let mut key = [0; 32];
        self.0
            .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|made| made.fill(&mut key))
            .expect("32 bytes are no more than HKDF gives");
        key
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring")
    }
}

/// AES-256-GCM with a nonce of its own for each secret: `nonce ‖ sealed ‖ tag`.
pub struct Sealer(LessSafeKey);

impl Sealer {
    /// `place` says where it will lie (a table's row, a job's field): moved elsewhere, it won't open.
    ///
    /// # Panics
    /// When the system has no random numbers to give.
    pub fn seal(&self, secret: &[u8], place: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).expect("the system gives random numbers");
        let mut sealed = secret.to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place),
                &mut sealed,
            )
            .expect("a secret is not gigabytes long");
        [nonce.as_slice(), &sealed].concat()
    }

    pub fn open(&self, sealed: &[u8], place: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (nonce, sealed) = sealed.split_first_chunk().ok_or(Unsealable)?;
        let mut secret = sealed.to_vec();
        let length = self
            .0
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(place),
                &mut secret,
            )
            .map_err(|_unspecified| Unsealable)?
            .len();
        secret.truncate(length);
        Ok(secret)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

/// HMAC-SHA256.
#[derive(Clone)]
pub struct Signer(hmac::Key);

impl Signer {
    pub fn sign(&self, message: &[u8]) -> [u8; 32] {
        let tag = hmac::sign(&self.0, message);
        tag.as_ref().try_into().expect("SHA-256 makes 32 bytes")
    }

    /// Takes as long for a wrong tag as for a right one.
    pub fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.0, message, tag).is_ok()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(digits: &str) -> Keyring {
        Keyring::new(Some(&SecretString::from(digits.repeat(16)))).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only_and_unharmed_only() {
        let ours = keyring("5eed").sealer("codes");
        let sealed = ours.seal(b"123456", b"here");
        assert!(!sealed.windows(6).any(|window| window == b"123456"));
        assert_eq!(ours.open(&sealed, b"here").unwrap(), b"123456");
        assert_ne!(ours.seal(b"123456", b"here"), sealed, "a fresh nonce");
        for at in 0..sealed.len() {
            let mut harmed = sealed.clone();
            harmed[at] ^= 1;
            assert_eq!(ours.open(&harmed, b"here"), Err(Unsealable));
        }
        assert_eq!(ours.open(&sealed, b"there"), Err(Unsealable));
        assert_eq!(ours.open(b"short", b"here"), Err(Unsealable));
        let others = [
            keyring("5eed").sealer("tokens"),
            keyring("feed").sealer("codes"),
        ];
        for other in others {
            assert_eq!(other.open(&sealed, b"here"), Err(Unsealable));
        }
        assert_eq!(ours.open(&ours.seal(b"", b""), b"").unwrap(), b"");
    }

    #[test]
    fn a_signature_is_good_for_its_message_key_and_purpose() {
        let signer = keyring("5eed").signer("links");
        let tag = signer.sign(b"user 7");
        assert!(signer.verify(b"user 7", &tag));
        assert!(!signer.verify(b"user 8", &tag));
        assert!(!signer.verify(b"user 7", &tag[..31]));
        assert!(!keyring("5eed").signer("else").verify(b"user 7", &tag));
        assert!(!keyring("feed").signer("links").verify(b"user 7", &tag));
    }

    #[test]
    fn a_key_that_can_be_guessed_is_refused() {
        let made = |text: &str| Keyring::new(Some(&SecretString::from(text))).map(|_| ());
        assert_eq!(Keyring::new(None).map(|_| ()), Err(BadKey::NotSet));
        assert_eq!(made("5eed"), Err(BadKey::TooShort));
        assert_eq!(made(&"x".repeat(64)), Err(BadKey::TooShort));
        assert!(made(&"5eed".repeat(16)).is_ok());
        assert!(!format!("{:?}", keyring("5eed")).contains("5eed"));
    }
}
