//! What letters and sessions carry as proof: made at random, kept as hashes.
use super::IdentityError;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// 32 random bytes that end a link, or that only one session knows. Prints as `[REDACTED]`.
#[derive(Debug, Clone)]
pub struct Token(SecretString);

/// All that is kept of a [`Token`].
pub(super) type TokenHash = [u8; 32];

impl Token {
    pub fn new() -> Result<Self, IdentityError> {
        let text = URL_SAFE_NO_PAD.encode(random::<32>()?);
        Ok(Self(SecretString::from(text)))
    }

    /// As it came back from outside; anything may have been put in its place.
    pub fn received(text: &str) -> Self {
        Self(SecretString::from(text.to_owned()))
    }

    pub const fn secret(&self) -> &SecretString {
        &self.0
    }

    pub(super) fn hash(&self) -> TokenHash {
        Sha256::digest(self.0.expose_secret().as_bytes()).into()
    }
}

pub(super) fn random<const N: usize>() -> Result<[u8; N], IdentityError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| IdentityError::Hashing(error.to_string()))?;
    Ok(bytes)
}

/// A code of six digits, each as likely as any other.
pub(super) fn six_digits() -> Result<SecretString, IdentityError> {
    // 2^64 is no multiple of a million, by which the first codes gain a ten-billionth of a thousandth.
    let number = u64::from_le_bytes(random()?) % 1_000_000;
    Ok(SecretString::from(format!("{number:06}")))
}

/// What was typed as a code, without the spaces and dashes that people put in.
pub(super) fn typed_code(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
    kept.take(64).collect::<String>().to_lowercase()
}

/// Easy to tell apart on paper: no i, l, o or 0.
const RECOVERY_LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
pub(super) const RECOVERY_CODES: usize = 10;
/// 50 random bits, so that nobody guesses one.
const RECOVERY_LENGTH: usize = 10;

/// Codes for whoever loses the other means: `k7m2p-x9wqa`.
pub(super) fn recovery_codes() -> Result<Vec<SecretString>, IdentityError> {
    (0..RECOVERY_CODES).map(|_| recovery_code()).collect()
}

fn recovery_code() -> Result<SecretString, IdentityError> {
    let letters = random::<RECOVERY_LENGTH>()?;
    let mut code: String = letters
        .into_iter()
        .filter_map(|byte| RECOVERY_LETTERS.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect();
    code.insert(RECOVERY_LENGTH / 2, '-');
    Ok(SecretString::from(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_known_by_its_hash_alone() {
        let token = Token::new().unwrap();
        let text = token.secret().expose_secret().to_owned();
        assert_eq!(text.len(), 43);
        assert_eq!(Token::received(&text).hash(), token.hash());
        assert_ne!(Token::new().unwrap().hash(), token.hash());
        assert!(!format!("{token:?}").contains(&text));
    }

    #[test]
    fn codes_have_their_form() {
        for _ in 0..100 {
            let code = six_digits().unwrap();
            let code = code.expose_secret();
            assert!(
                code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()),
                "{code}"
            );
        }
        let codes = recovery_codes().unwrap();
        assert_eq!(codes.len(), 10);
        for code in codes {
            let code = code.expose_secret();
            assert!(
                code.len() == 11 && code.as_bytes().get(5) == Some(&b'-'),
                "{code}"
            );
            assert_eq!(typed_code(&format!(" {} ", code.to_uppercase())).len(), 10);
        }
        assert_eq!(typed_code(" 123 456\t"), "123456");
    }
}
