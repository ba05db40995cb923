use super::LetterKind;
use crate::{
    kernel::ids::UserId,
    platform::seal::{Keyring, Signer},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Links by which anyone who has a letter can say no to the next, without signing in. They never
/// run out: letters are kept for years.
#[derive(Debug, Clone)]
pub struct UnsubscribeLinks(Signer);

/// Of the 32 bytes of a signature; nobody guesses these either.
const TAG: usize = 16;

impl UnsubscribeLinks {
    pub fn new(keys: &Keyring) -> Self {
        Self(keys.signer("mail.unsubscribe.v1"))
    }

    /// What ends the address `/u/…` of a letter of this kind to this person.
    pub fn token(&self, user: UserId, kind: LetterKind) -> String {
        let message = message(user, kind);
        let tag = self.0.sign(message.as_bytes());
        let tag = tag.get(..TAG).unwrap_or_default();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// Who does not want what; nothing for a link that we did not make.
    pub fn read(&self, token: &str) -> Option<(UserId, LetterKind)> {
        let mut parts = token.splitn(3, '.');
        let user: UserId = parts.next()?.parse().ok()?;
        let kind: LetterKind = parts.next()?.parse().ok()?;
        // Made anew from what was read, so that each link has one spelling.
        let right = self.token(user, kind);
        let (_, tag) = right.rsplit_once('.')?;
        let sent = parts.next()?;
        let equal: bool = subtle::ConstantTimeEq::ct_eq(tag.as_bytes(), sent.as_bytes()).into();
        (equal && token == right && !kind.is_awaited()).then_some((user, kind))
    }
}

fn message(user: UserId, kind: LetterKind) -> String {
    format!("{user}.{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::SecretString;

    fn links(digits: &str) -> UnsubscribeLinks {
        let secret = SecretString::from(digits.repeat(16));
        UnsubscribeLinks::new(&Keyring::new(Some(&secret)).unwrap())
    }

    #[test]
    fn a_link_is_good_for_its_person_and_its_kind() {
        let ours = links("5eed");
        let token = ours.token(UserId::new(7), LetterKind::LowStock);
        assert_eq!(
            ours.read(&token),
            Some((UserId::new(7), LetterKind::LowStock))
        );
        for forged in [
            token.replacen('7', "8", 1),
            token.replace("low_stock", "lots_expiring"),
            format!("+{token}"),
            format!("0{token}"),
            format!("{token}A"),
            token[..token.len() - 1].to_owned(),
            links("feed").token(UserId::new(7), LetterKind::LowStock),
            ours.token(UserId::new(7), LetterKind::ResetPassword),
            "7.low_stock".to_owned(),
            String::new(),
        ] {
            assert_eq!(ours.read(&forged), None, "{forged}");
        }
        assert!(token.len() < 60, "it stands in a header: {token}");
    }

    proptest! {
        #[test]
        fn nothing_but_our_own_links_is_read(token in "[0-9]{1,3}\\.(low_stock|lots_expiring)\\.[A-Za-z0-9_-]{22}") {
            prop_assert_eq!(links("5eed").read(&token), None);
        }
    }
}
