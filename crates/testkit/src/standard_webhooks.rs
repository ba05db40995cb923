//! What a receiver does to know a delivery for genuine, written from the Standard Webhooks
//! specification (its "Verifying signatures") and RFC 2104 alone; nothing here is shared with the sender.
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// Attempts may be no older, nor from further ahead.
const TOLERANCE: i64 = 5 * 60;

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    MissingHeaders,
    TooOld,
    TooNew,
    BadSecret,
    NoMatchingSignature,
}

/// The three headers of a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signed<'a> {
    pub id: &'a str,
    pub timestamp: &'a str,
    pub signatures: &'a str,
}

/// Whether `body` was signed with the secret `whsec_…`, at about `now` (seconds since 1970).
pub fn verify(secret: &str, signed: Signed<'_>, body: &[u8], now: i64) -> Result<(), Refused> {
    let Signed {
        id,
        timestamp,
        signatures,
    } = signed;
    if id.is_empty() || id.contains('.') || signatures.is_empty() {
        return Err(Refused::MissingHeaders);
    }
    let sent: i64 = timestamp
        .parse()
        .map_err(|_unreadable| Refused::MissingHeaders)?;
    if sent < now - TOLERANCE {
        return Err(Refused::TooOld);
    }
    if sent > now + TOLERANCE {
        return Err(Refused::TooNew);
    }
    let key = secret.strip_prefix("whsec_").ok_or(Refused::BadSecret)?;
    let key = STANDARD
        .decode(key)
        .map_err(|_unreadable| Refused::BadSecret)?;
    if !(24..=64).contains(&key.len()) {
        return Err(Refused::BadSecret);
    }
    let content = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    let expected = format!("v1,{}", STANDARD.encode(hmac_sha256(&key, &content)));
    if signatures.split(' ').any(|signature| signature == expected) {
        return Ok(());
    }
    Err(Refused::NoMatchingSignature)
}

/// RFC 2104 over SHA-256, whose blocks are 64 bytes.
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    let short: Vec<u8> = if key.len() > block.len() {
        Sha256::digest(key).to_vec()
    } else {
        key.to_vec()
    };
    block
        .iter_mut()
        .zip(short)
        .for_each(|(byte, key)| *byte = key);
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(message);
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c));
    outer.chain_update(inner.finalize()).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the specification's own libraries are tested with.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SENT: i64 = 1_614_265_330;
    const SIGNED: Signed<'_> = Signed {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: "1614265330",
        signatures: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        let hex = |bytes: [u8; 32]| bytes.map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(
            hex(hmac_sha256(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(hmac_sha256(
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            )),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn the_specifications_example_verifies() {
        assert_eq!(verify(SECRET, SIGNED, BODY, SENT + 299), Ok(()));
        let rotated = format!("v1,bm90IG91cnM= {} v1a,b3RoZXI=", SIGNED.signatures);
        assert_eq!(
            verify(
                SECRET,
                Signed {
                    signatures: &rotated,
                    ..SIGNED
                },
                BODY,
                SENT
            ),
            Ok(())
        );
    }

    #[test]
    fn all_else_is_refused() {
        let refused = |signed, body, now| verify(SECRET, signed, body, now).unwrap_err();
        let lost = Signed {
            timestamp: "soon",
            ..SIGNED
        };
        let moved = Signed {
            timestamp: "1614265331",
            ..SIGNED
        };
        let other = Signed {
            id: "msg_other",
            ..SIGNED
        };
        let unsigned = Signed {
            signatures: "",
            ..SIGNED
        };
        assert_eq!(refused(SIGNED, b"{}", SENT), Refused::NoMatchingSignature);
        assert_eq!(refused(moved, BODY, SENT), Refused::NoMatchingSignature);
        assert_eq!(refused(other, BODY, SENT), Refused::NoMatchingSignature);
        assert_eq!(refused(SIGNED, BODY, SENT + 301), Refused::TooOld);
        assert_eq!(refused(SIGNED, BODY, SENT - 301), Refused::TooNew);
        assert_eq!(refused(unsigned, BODY, SENT), Refused::MissingHeaders);
        assert_eq!(refused(lost, BODY, SENT), Refused::MissingHeaders);
        assert_eq!(
            refused(Signed::default(), BODY, SENT),
            Refused::MissingHeaders
        );
        let with = |secret| verify(secret, SIGNED, BODY, SENT).unwrap_err();
        assert_eq!(
            with("whsec_bm90IHRoZSBzZWNyZXQgdGhhdCBpcyBtZWFudA=="),
            Refused::NoMatchingSignature
        );
        assert_eq!(with("whsec_c2hvcnQ="), Refused::BadSecret);
        assert_eq!(with("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Refused::BadSecret);
    }
}
