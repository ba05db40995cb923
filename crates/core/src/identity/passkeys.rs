//! Passkeys (WebAuthn): what is asked of a browser, and what its answer is worth.
use super::{IdentityError, token::random};
use crate::platform::seal::{Keyring, Signer};
use serde::{Deserialize, Serialize};
use url::Url;
use webauthn_rs::prelude::{
    CreationChallengeResponse, DiscoverableAuthentication, Passkey, PasskeyAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    RequestChallengeResponse, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};
use webauthn_rs_proto::{AllowCredentials, ResidentKeyRequirement};

/// The site that keys are made for.
pub(super) struct Passkeys {
    webauthn: Webauthn,
    decoys: Signer,
}

/// Half of a conversation with a browser that wants to add a key. It is kept where the browser can't
/// reach it, for minutes, and used once.
#[derive(Debug, Serialize, Deserialize)]
pub struct Registering {
    state: PasskeyRegistration,
    handle: Uuid,
}

/// The same for one that wants to sign in.
#[derive(Debug, Serialize, Deserialize)]
pub enum Recognising {
    /// Whoever the key says that they are.
    Anybody(DiscoverableAuthentication),
    /// One of the keys of the name that was typed.
    One(PasskeyAuthentication),
    /// A name that has no key: nothing will be right.
    Nobody,
}

impl Passkeys {
    /// None for a site without a name, which no browser has keys for.
    pub(super) fn at(base_url: &Url, keys: &Keyring) -> Option<Self> {
        let name = base_url.domain()?;
        let builder = WebauthnBuilder::new(name, base_url).ok()?;
        let builder = builder.rp_name("BatchTrack");
        // The local stack serves http and https, at ports that are chosen by whoever starts it.
        let secure = Url::parse("https://localhost").ok()?;
        let builder = if name == "localhost" {
            builder.allow_any_port(true).append_allowed_origin(&secure)
        } else {
            builder
        };
        Some(Self {
            webauthn: builder.build().ok()?,
            decoys: keys.signer("identity.decoys.v1"),
        })
    }

    /// What to ask a browser for that is to make a key. `handle` is what the person's other keys have.
    pub(super) fn begin_registering(
        &self,
        handle: Option<[u8; 16]>,
        (username, display_name): (&str, &str),
        others: &[Passkey],
    ) -> Result<(CreationChallengeResponse, Registering), IdentityError> {
        let handle = match handle {
            Some(handle) => Uuid::from_bytes(handle),
            None => Uuid::from_bytes(random()?),
        };
        let others = others.iter().map(|key| key.cred_id().clone()).collect();
        let (mut asked, state) = self
            .webauthn
            .start_passkey_registration(handle, username, display_name, Some(others))
            .map_err(refused)?;
        if let Some(selection) = &mut asked.public_key.authenticator_selection {
            // Where a device can, it remembers whose key it is, and nobody has to type a name.
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        Ok((asked, Registering { state, handle }))
    }

    pub(super) fn finish_registering(
        &self,
        begun: &Registering,
        answer: &RegisterPublicKeyCredential,
    ) -> Result<(Passkey, [u8; 16]), IdentityError> {
        let key = self
            .webauthn
            .finish_passkey_registration(answer, &begun.state)
            .map_err(refused)?;
        Ok((key, begun.handle.into_bytes()))
    }

    /// What to ask a browser for that may have a key of anybody.
    pub(super) fn begin_for_anybody(
        &self,
    ) -> Result<(RequestChallengeResponse, Recognising), IdentityError> {
        let (mut asked, state) = self
            .webauthn
            .start_discoverable_authentication()
            .map_err(refused)?;
        // They have pressed a button: there is no need to wait in the background.
        asked.mediation = None;
        Ok((asked, Recognising::Anybody(state)))
    }

    /// What to ask for a typed name. One that has no key is asked for one that is not there, always the
    /// same, so that nobody can tell whose name has one.
    pub(super) fn begin_for_one(
        &self,
        name: &str,
        keys: &[Passkey],
    ) -> Result<(RequestChallengeResponse, Recognising), IdentityError> {
        if keys.is_empty() {
            let (mut asked, _) = self.begin_for_anybody()?;
            let decoy = self.decoys.sign(name.trim().to_lowercase().as_bytes());
            asked.public_key.allow_credentials = vec![AllowCredentials {
                type_: "public-key".to_owned(),
                id: decoy.to_vec(),
                transports: None,
            }];
            asked.public_key.extensions = None;
            return Ok((asked, Recognising::Nobody));
        }
        let (mut asked, state) = self
            .webauthn
            .start_passkey_authentication(keys)
            .map_err(refused)?;
        for one in &mut asked.public_key.allow_credentials {
            one.transports = None;
        }
        Ok((asked, Recognising::One(state)))
    }

    /// Checks the answer with the key that it names, and counts that key on.
    pub(super) fn finish(
        &self,
        begun: Recognising,
        answer: &PublicKeyCredential,
        key: &mut Passkey,
    ) -> Result<(), IdentityError> {
        let result = match begun {
            Recognising::Anybody(state) => self
                .webauthn
                .finish_discoverable_authentication_v2(answer, state, &*key),
            Recognising::One(state) => self.webauthn.finish_passkey_authentication(answer, &state),
            Recognising::Nobody => return Err(IdentityError::BadPasskey),
        };
        let result = result.map_err(refused)?;
        if !result.user_verified() {
            return Err(IdentityError::BadPasskey);
        }
        key.update_credential(&result)
            .map(drop)
            .ok_or(IdentityError::BadPasskey)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what `map_err` hands over"
)]
fn refused(error: WebauthnError) -> IdentityError {
    tracing::debug!(%error, "a passkey was refused");
    IdentityError::BadPasskey
}
