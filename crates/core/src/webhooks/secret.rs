//! What deliveries are signed with, after Standard Webhooks (v1: HMAC-SHA256).
use crate::{
    kernel::ids::{OrganizationId, WebhookEndpointId},
    platform::seal::{Keyring, Sealer, Unsealable},
};
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use std::fmt;

const PREFIX: &str = "whsec_";

/// The key that an endpoint and we share.
pub struct Secret(SecretBox<Vec<u8>>);

/// A secret from elsewhere that can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is whsec_ followed by 24 to 64 bytes in base64")]
pub struct BadSecret;

impl Secret {
    /// # Panics
    /// When the system has no random numbers to give.
    pub fn generate() -> Self {
        let mut key = vec![0; 32];
        getrandom::fill(&mut key).expect("the system gives random numbers");
        Self::from_bytes(key)
    }

    fn from_bytes(key: Vec<u8>) -> Self {
        Self(SecretBox::new(Box::new(key)))
    }

    /// As its owner is shown it, once.
    pub fn to_text(&self) -> SecretString {
        let key = STANDARD.encode(self.0.expose_secret());
        SecretString::from(format!("{PREFIX}{key}"))
    }

    pub fn from_text(text: &SecretString) -> Result<Self, BadSecret> {
        let key = text.expose_secret().trim();
        let key = key.strip_prefix(PREFIX).ok_or(BadSecret)?;
        let key = STANDARD.decode(key).map_err(|_malformed| BadSecret)?;
        if !(24..=64).contains(&key.len()) {
            return Err(BadSecret);
        }
        Ok(Self::from_bytes(key))
    }

    /// `v1,<base64>` over exactly the bytes that are sent.
    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret());
        let mut context = hmac::Context::with_key(&key);
        context.update(format!("{id}.{timestamp}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The value of `webhook-signature`: one signature for each secret that is live.
pub fn signatures(secrets: &[Secret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let all: Vec<_> = secrets
        .iter()
        .map(|secret| secret.sign(id, timestamp, body))
        .collect();
    all.join(" ")
}

/// Keeps secrets in their table.
#[derive(Debug)]
pub struct Safe(Sealer);

impl Safe {
    pub fn new(keys: &Keyring) -> Self {
        Self(keys.sealer("webhook secrets"))
    }

    pub(super) fn put(
        &self,
        organization: OrganizationId,
        endpoint: WebhookEndpointId,
        secret: &Secret,
    ) -> Vec<u8> {
        self.0
            .seal(secret.0.expose_secret(), &place(organization, endpoint))
    }

    pub(super) fn take(
        &self,
        organization: OrganizationId,
        endpoint: WebhookEndpointId,
        sealed: &[u8],
    ) -> Result<Secret, Unsealable> {
        self.0
            .open(sealed, &place(organization, endpoint))
            .map(Secret::from_bytes)
    }
}

/// Moved to another endpoint, a secret does not open.
fn place(organization: OrganizationId, endpoint: WebhookEndpointId) -> Vec<u8> {
    format!("webhook_secrets {organization} {endpoint}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[test]
    fn the_example_of_the_specification_comes_out() {
        let secret = Secret::from_text(&text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap();
        let signed = signatures(
            &[secret],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn secrets_are_long_different_and_silent() {
        let (one, other) = (Secret::generate(), Secret::generate());
        let shown = one.to_text();
        assert_ne!(shown.expose_secret(), other.to_text().expose_secret());
        assert_eq!(shown.expose_secret().len(), "whsec_".len() + 44);
        assert!(!format!("{one:?} {shown:?}").contains("whsec_"));
        let again = Secret::from_text(&shown).unwrap();
        assert_eq!(
            signatures(&[one], "a", 1, b"x"),
            signatures(&[again], "a", 1, b"x")
        );
        for bad in [
            "",
            "whsec_",
            "whsec_c2hvcnQ=",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_%%%",
        ] {
            assert!(Secret::from_text(&text(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn each_live_secret_signs() {
        let secrets = [Secret::generate(), Secret::generate()];
        let both = signatures(&secrets, "evt_1", 7, b"{}");
        let parts: Vec<_> = both.split(' ').collect();
        assert_eq!(parts.len(), 2);
        assert!(parts.iter().all(|part| part.starts_with("v1,")));
        assert_ne!(parts[0], parts[1]);
    }

    #[test]
    fn a_sealed_secret_belongs_to_its_endpoint() {
        let keys = Keyring::new(Some(&text(&"5eed".repeat(16)))).unwrap();
        let safe = Safe::new(&keys);
        let (here, there) = (WebhookEndpointId::new(1), WebhookEndpointId::new(2));
        let us = OrganizationId::new(7);
        let secret = Secret::generate();
        let sealed = safe.put(us, here, &secret);
        let opened = safe.take(us, here, &sealed).unwrap();
        assert_eq!(
            opened.to_text().expose_secret(),
            secret.to_text().expose_secret()
        );
        assert!(safe.take(us, there, &sealed).is_err());
        assert!(safe.take(OrganizationId::new(8), here, &sealed).is_err());
    }
}
