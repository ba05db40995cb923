//! A receiver written from the Standard Webhooks specification alone. It shares no code with what it
//! verifies: HMAC is spelled out from RFC 2104 over another library's SHA-256.
use super::receiver::Got;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

const TOLERANCE: i64 = 5 * 60;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    MissingHeaders,
    TooOld,
    TooNew,
    NoMatchingSignature,
}

/// Verifies a request with the secret that the sender gave out, at `now` (unix seconds).
pub(crate) fn verify(secret: &str, got: &Got, now: i64) -> Result<serde_json::Value, Refused> {
    let (id, timestamp, signatures) = (
        got.header("webhook-id"),
        got.header("webhook-timestamp"),
        got.header("webhook-signature"),
    );
    if id.is_empty() || timestamp.is_empty() || signatures.is_empty() {
        return Err(Refused::MissingHeaders);
    }
    let at: i64 = timestamp
        .parse()
        .map_err(|_not_a_number| Refused::MissingHeaders)?;
    if at < now - TOLERANCE {
        return Err(Refused::TooOld);
    }
    if at > now + TOLERANCE {
        return Err(Refused::TooNew);
    }
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").unwrap_or(secret))
        .unwrap();
    let mut signed = format!("{id}.{timestamp}.").into_bytes();
    signed.extend_from_slice(&got.body);
    let expected = STANDARD.encode(hmac_sha256(&key, &signed));
    for one in signatures.split(' ') {
        let Some((version, signature)) = one.split_once(',') else {
            continue;
        };
        if version == "v1" && signature == expected {
            return Ok(got.json());
        }
    }
    Err(Refused::NoMatchingSignature)
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize()
        .to_vec()
}

#[test]
fn the_receiver_agrees_with_rfc_4231() {
    let tag = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
    assert_eq!(
        hex::encode(tag),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}
