use super::{IdentityError, Passwords, passkeys::Passkeys};
use crate::{
    mail::{Letters, Sealed},
    platform::{
        Settings,
        seal::{BadKey, Keyring, Sealer, Signer},
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

/// What looking after accounts needs besides the database: keys, the queue for hashes, and what this
/// installation asks of people. Cheap to clone.
#[derive(Clone)]
pub struct AccountDesk(Arc<Parts>);

struct Parts {
    passwords: Passwords,
    letters: Letters,
    codes: Signer,
    subjects: Signer,
    secrets: Sealer,
    passkeys: Option<Passkeys>,
    asks_for_proof: bool,
}

impl AccountDesk {
    pub fn new(settings: &Settings, passwords: Passwords) -> Result<Self, BadKey> {
        let keys = Keyring::new(settings.http.secret_key.as_ref())?;
        let passkeys = Passkeys::at(&settings.http.base_url, &keys);
        Ok(Self::make(
            &keys,
            passwords,
            passkeys,
            settings.asks_for_proof(),
        ))
    }

    /// For programs without a site of their own, which let people in by their password alone.
    pub fn without_site(keys: &Keyring, passwords: Passwords) -> Self {
        Self::make(keys, passwords, None, false)
    }

    fn make(
        keys: &Keyring,
        passwords: Passwords,
        passkeys: Option<Passkeys>,
        asks_for_proof: bool,
    ) -> Self {
        Self(Arc::new(Parts {
            passwords,
            letters: Letters::new(keys),
            codes: keys.signer("identity.codes.v1"),
            subjects: keys.signer("identity.limits.v1"),
            secrets: keys.sealer("identity.secrets.v1"),
            passkeys,
            asks_for_proof,
        }))
    }

    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// Whether an address must be proved before its account lets anybody in.
    pub fn asks_for_proof(&self) -> bool {
        self.0.asks_for_proof
    }

    /// Whether keys can be used here: browsers want a name and no number for a site.
    pub fn has_passkeys(&self) -> bool {
        self.0.passkeys.is_some()
    }

    pub(super) fn passkeys(&self) -> Result<&Passkeys, IdentityError> {
        self.0
            .passkeys
            .as_ref()
            .ok_or(IdentityError::NoPasskeysHere)
    }

    pub(super) fn seal_for_letter(&self, secret: &SecretString) -> Sealed {
        self.0.letters.seal(secret)
    }

    /// What is kept of a code that was made for one ticket.
    pub(super) fn code_hash(&self, ticket: &[u8; 32], code: &str) -> [u8; 32] {
        self.0
            .codes
            .sign(&[ticket.as_slice(), code.as_bytes()].concat())
    }

    /// What is kept of a recovery code of one person.
    pub(super) fn recovery_hash(&self, user: i64, code: &str) -> [u8; 32] {
        self.0
            .codes
            .sign(format!("recovery {user} {code}").as_bytes())
    }

    /// What a limit knows an address or an account by.
    pub(super) fn subject(&self, text: &str) -> [u8; 32] {
        self.0.subjects.sign(text.as_bytes())
    }

    pub(super) fn seal(&self, secret: &[u8], place: &str) -> Vec<u8> {
        self.0.secrets.seal(secret, place.as_bytes())
    }

    pub(super) fn open(&self, sealed: &[u8], place: &str) -> Result<Vec<u8>, IdentityError> {
        self.0
            .secrets
            .open(sealed, place.as_bytes())
            .map_err(|error| IdentityError::Hashing(error.to_string()))
    }

    pub(super) async fn matches(
        &self,
        password: &SecretString,
        hash: Option<String>,
    ) -> Result<bool, IdentityError> {
        let too_long = password.expose_secret().chars().count() > super::LONGEST_PASSWORD;
        let (password, hash) = if too_long {
            (SecretString::from(""), None)
        } else {
            (password.clone(), hash)
        };
        self.passwords().verify(password, hash).await
    }
}
