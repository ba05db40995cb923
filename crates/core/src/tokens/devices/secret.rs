//! `bt_ref_17_3_…`: which sign-in, how often it was renewed, and a seal that only we can make. Every
//! token that a sign-in ever had can so be told from a forged one, though none is kept.
use crate::kernel::ids::DeviceSignInId as DeviceId;
use crate::platform::{
    Settings,
    seal::{BadKey, Keyring, Signer},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;

const LONGEST: usize = 120;

/// Makes refresh tokens and knows them again.
#[derive(Debug, Clone)]
pub struct RefreshTokens(Signer);

/// A refresh token that somebody shows; its seal is still to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Presented {
    pub(super) device: DeviceId,
    pub(super) generation: i32,
    seal: Vec<u8>,
}

impl Presented {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("bt_ref_")?;
        let mut parts = rest.splitn(3, '_');
        let device = parts.next()?.parse().ok()?;
        let generation = parts.next()?.parse().ok()?;
        let seal = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        (text.len() <= LONGEST).then_some(Self {
            device,
            generation,
            seal,
        })
    }
}

impl RefreshTokens {
    pub fn new(settings: &Settings) -> Result<Self, BadKey> {
        let keys = Keyring::new(settings.http.secret_key.as_ref())?;
        Ok(Self(keys.signer("refresh tokens v1")))
    }

    pub(super) fn make(&self, device: DeviceId, nonce: &[u8], generation: i32) -> SecretString {
        let seal = self.0.sign(&message(device, nonce, generation));
        let seal = URL_SAFE_NO_PAD.encode(seal);
        format!("bt_ref_{device}_{generation}_{seal}").into()
    }

    /// Whether it is one that we made.
    pub(super) fn knows(&self, shown: &Presented, nonce: &[u8]) -> bool {
        let message = message(shown.device, nonce, shown.generation);
        self.0.verify(&message, &shown.seal)
    }
}

fn message(device: DeviceId, nonce: &[u8], generation: i32) -> Vec<u8> {
    let (device, generation) = (device.get().to_be_bytes(), generation.to_be_bytes());
    [&device[..], &generation[..], nonce].concat()
}
