//! Access tokens: JSON Web Tokens (HS256) that say who somebody is for some minutes, so that no table
//! has to be asked for it. What they may do, and whether they still belong, is asked all the same.
use super::devices::Device;
use crate::{
    kernel::ids::{DeviceSignInId, OrganizationId, UserId},
    platform::{
        Settings,
        seal::{BadKey, Keyring},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{fmt, sync::Arc};

const ISSUER: &str = "batchtrack";

/// Makes access tokens and knows them again.
#[derive(Clone)]
pub struct AccessTokens(Arc<Keys>);

struct Keys {
    header: Header,
    validation: Validation,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// What an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    pub user: UserId,
    pub organization: Option<OrganizationId>,
    /// Of the account when they signed in.
    pub session_epoch: i32,
    pub device: DeviceSignInId,
}

/// By the names that the standard has for them, where it has one.
#[derive(Serialize, Deserialize)]
struct Wire {
    iss: String,
    sub: String,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<i64>,
    epoch: i32,
    sid: i64,
}

impl AccessTokens {
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);

    pub fn new(settings: &Settings) -> Result<Self, BadKey> {
        let keys = Keyring::new(settings.http.secret_key.as_ref())?;
        let key = keys.secret("access tokens v1");
        let mut header = Header::new(Algorithm::HS256);
        // Says which key, and gives nothing of it away.
        header.kid = Some(hex::encode(
            Sha256::digest(key).get(..8).unwrap_or_default(),
        ));
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        // Time is for our clock to say.
        validation.validate_exp = false;
        Ok(Self(Arc::new(Keys {
            header,
            validation,
            encoding: EncodingKey::from_secret(&key),
            decoding: DecodingKey::from_secret(&key),
        })))
    }

    /// # Panics
    /// Never: the claims are plain data and the key is one for this algorithm.
    pub fn make(&self, device: &Device, now: DateTime<Utc>) -> SecretString {
        let wire = Wire {
            iss: ISSUER.to_owned(),
            sub: device.user.to_string(),
            iat: now.timestamp(),
            exp: (now + Self::LIFETIME).timestamp(),
            org: device.organization.map(OrganizationId::get),
            epoch: device.session_epoch,
            sid: device.id.get(),
        };
        jsonwebtoken::encode(&self.0.header, &wire, &self.0.encoding)
            .expect("plain claims and a fitting key")
            .into()
    }

    /// None for one that isn't ours, or is too old.
    pub fn read(&self, text: &str, now: DateTime<Utc>) -> Option<Claims> {
        let read = jsonwebtoken::decode::<Wire>(text, &self.0.decoding, &self.0.validation).ok()?;
        let Wire {
            sub,
            exp,
            org,
            epoch,
            sid,
            ..
        } = read.claims;
        let is_ours = read.header.kid == self.0.header.kid && now.timestamp() < exp;
        let user = sub.parse().ok()?;
        is_ours.then(|| Claims {
            user,
            organization: org.map(OrganizationId::new),
            session_epoch: epoch,
            device: DeviceSignInId::new(sid),
        })
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokens")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use secrecy::ExposeSecret as _;
    use std::collections::BTreeMap;

    fn tokens(digits: &str) -> AccessTokens {
        let environment = [
            ("DATABASE_URL", "postgres://app@localhost/x".to_owned()),
            ("REDIS_URL", "redis://localhost".to_owned()),
            ("APP_SECRET_KEY", digits.repeat(16)),
        ];
        let environment: BTreeMap<_, _> = environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        AccessTokens::new(&crate::platform::config::from_environment(&environment).unwrap())
            .unwrap()
    }

    #[test]
    fn a_token_is_good_unharmed_in_time_and_under_its_key() {
        let now: DateTime<Utc> = "2026-11-01T12:00:00Z".parse().unwrap();
        let device = Device {
            id: DeviceSignInId::new(5),
            user: UserId::new(7),
            organization: Some(OrganizationId::new(9)),
            session_epoch: 3,
            name: "Phone".to_owned(),
            address: String::new(),
            begun_at: now,
            renewed_at: now,
            expires_at: now,
        };
        let ours = tokens("5eed");
        let made = ours.make(&device, now);
        let text = made.expose_secret();
        let read = Claims {
            user: device.user,
            organization: device.organization,
            session_epoch: 3,
            device: device.id,
        };
        assert_eq!(ours.read(text, now), Some(read));
        let end = now + AccessTokens::LIFETIME;
        assert!(ours.read(text, end - TimeDelta::seconds(1)).is_some());
        assert_eq!(ours.read(text, end), None);
        assert_eq!(tokens("feed").read(text, now), None);
        assert_eq!(ours.read("", now), None);

        let parts: Vec<&str> = text.split('.').collect();
        let body = URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
        let body = String::from_utf8(body).unwrap().replace("\"7\"", "\"8\"");
        let forged = URL_SAFE_NO_PAD.encode(body);
        assert_eq!(
            ours.read(&format!("{}.{forged}.{}", parts[0], parts[2]), now),
            None
        );
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        assert_eq!(ours.read(&format!("{none}.{forged}."), now), None);
    }
}
