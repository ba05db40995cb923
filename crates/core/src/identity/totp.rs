//! Codes of authenticator apps (RFC 6238): six digits of SHA-1, a new one every half minute.
use super::{IdentityError, token::random};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use totp_rs::{Builder, Secret, Totp};

/// 160 bits, as the RFC advises.
pub(super) const SECRET_BYTES: usize = 20;

pub(super) fn new_secret() -> Result<[u8; SECRET_BYTES], IdentityError> {
    random()
}

fn totp(secret: &[u8], account: &str) -> Result<Totp, IdentityError> {
    Builder::new()
        .with_secret(Secret::from(secret.to_vec()))
        .with_issuer(Some("BatchTrack"))
        // A colon ends the name of the site in such an address.
        .with_account_name(account.replace(':', "."))
        .build()
        .map_err(|error| IdentityError::Hashing(error.to_string()))
}

/// The step of time that a code belongs to: the present one, or one on either side of it, for clocks
/// are not all right.
pub(super) fn step_of(
    secret: &[u8],
    code: &str,
    now: DateTime<Utc>,
) -> Result<Option<i64>, IdentityError> {
    if code.len() != 6 || !code.bytes().all(|digit| digit.is_ascii_digit()) {
        return Ok(None);
    }
    let time = u64::try_from(now.timestamp()).unwrap_or_default();
    let step = totp(secret, "account")?.check(code, time);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// A secret as an app takes it in.
#[derive(Debug)]
pub struct TotpSecret {
    /// What the picture says: `otpauth://totp/…`.
    pub url: SecretString,
    /// To be typed where no picture can be taken, in groups of four.
    pub typed: SecretString,
}

pub(super) fn shown(secret: &[u8], account: &str) -> Result<TotpSecret, IdentityError> {
    let totp = totp(secret, account)?;
    let url = totp
        .to_url()
        .map_err(|error| IdentityError::Hashing(error.to_string()))?;
    let letters: Vec<char> = totp.secret().to_base32().chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|four| four.iter().collect())
        .collect();
    Ok(TotpSecret {
        url: SecretString::from(url),
        typed: SecretString::from(groups.join(" ")),
    })
}

impl TotpSecret {
    /// The picture that an app's camera reads: which squares are dark, row by row, without the border.
    pub fn squares(&self) -> Vec<Vec<bool>> {
        use qrcodegen::{QrCode, QrCodeEcc};
        let Ok(code) = QrCode::encode_text(self.url.expose_secret(), QrCodeEcc::Medium) else {
            return Vec::new();
        };
        let size = code.size();
        (0..size)
            .map(|y| (0..size).map(|x| code.get_module(x, y)).collect())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        // Appendix B, SHA-1, its eight digits cut to six.
        let secret = b"12345678901234567890";
        for (at, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            let at = DateTime::from_timestamp(at, 0).unwrap();
            let step = step_of(secret, code, at).unwrap();
            assert_eq!(step, Some(at.timestamp() / 30), "{code}");
        }
    }

    #[test]
    fn a_clock_may_be_off_by_one_step_and_no_more() {
        let secret = b"12345678901234567890";
        let taken =
            |at| step_of(secret, "287082", DateTime::from_timestamp(at, 0).unwrap()).unwrap();
        assert_eq!(taken(0), Some(1));
        assert_eq!(taken(89), Some(1));
        assert_eq!(taken(90), None);
        for code in ["", "28708", "2870821", "28708a", "२८७०८२"] {
            let at = DateTime::from_timestamp(59, 0).unwrap();
            assert_eq!(step_of(secret, code, at).unwrap(), None, "{code}");
        }
    }

    #[test]
    fn an_app_can_read_the_secret() {
        let shown = shown(b"12345678901234567890", "ana@example.com").unwrap();
        let url = shown.url.expose_secret();
        assert!(
            url.starts_with("otpauth://totp/BatchTrack:ana%40example.com?"),
            "{url}"
        );
        assert!(
            url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
            "{url}"
        );
        assert_eq!(
            shown.typed.expose_secret(),
            "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
        );
        let squares = shown.squares();
        assert!(squares.len() > 20 && squares.iter().all(|row| row.len() == squares.len()));
        assert!(!format!("{shown:?}").contains("GEZD"));
    }
}
