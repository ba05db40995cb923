//! What a user name and a password may look like.
use super::{
    IdentityError,
    common::is_common,
    model::{Candidate, Method},
};
use crate::kernel::text::Email;
use std::fmt;

pub const SHORTEST_PASSWORD: usize = 8;
pub const LONGEST_PASSWORD: usize = 128;

/// A name to sign in with: never shaped like an address, so that the two can't be confused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    const MOST: usize = 64;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name made from an address, with something random behind it so that it is free.
    pub(super) fn from_address(address: &Email, random: [u8; 3]) -> Self {
        let (local, _) = address.as_str().split_once('@').unwrap_or_default();
        let mut name: String = local.chars().filter(|c| is_allowed(*c)).take(57).collect();
        if name.is_empty() {
            name.push_str("user");
        }
        Self(format!("{name}_{}", hex::encode(random)))
    }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

impl std::str::FromStr for Username {
    type Err = IdentityError;
    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let text = text.trim();
        if (3..=Self::MOST).contains(&text.len()) && text.chars().all(is_allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentityError::BadUsername)
        }
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What to call somebody.
pub(crate) fn display_name(first: &str, last: &str, username: &str) -> String {
    let name = format!("{first} {last}");
    match name.trim() {
        "" => username.to_owned(),
        name => name.to_owned(),
    }
}

/// One or two letters that stand for somebody.
pub(crate) fn initials(first: &str, last: &str, username: &str) -> String {
    let letter = |text: &str| text.chars().next();
    let letters: String = [letter(first), letter(last)]
        .into_iter()
        .flatten()
        .collect();
    let letters = if letters.is_empty() {
        letter(username).into_iter().collect()
    } else {
        letters
    };
    letters.to_uppercase()
}

/// What a new password may not be besides: their own names and address.
#[derive(Debug, Clone, Copy, Default)]
pub struct Own<'a> {
    pub email: &'a str,
    pub username: &'a str,
    pub first_name: &'a str,
    pub last_name: &'a str,
}

impl Own<'_> {
    /// Whether a password says nothing but who they are, digits and signs aside.
    fn is_all_of(&self, password: &str) -> bool {
        let bare = |text: &str| -> String {
            let kept = text.chars().filter(|c| c.is_alphabetic());
            kept.flat_map(char::to_lowercase).collect()
        };
        let said = bare(password);
        if said.is_empty() {
            return false;
        }
        let (local, _) = self.email.split_once('@').unwrap_or((self.email, ""));
        let (first, last) = (bare(self.first_name), bare(self.last_name));
        let (both, turned) = (format!("{first}{last}"), format!("{last}{first}"));
        let names = [
            bare(self.email),
            bare(local),
            bare(self.username),
            first,
            last,
            both,
            turned,
        ];
        names.contains(&said)
    }
}

/// Length is the only rule; anything more makes passwords worse. But those that are tried first
/// everywhere are no secret: those of the list, and one's own name.
pub fn check_password(password: &str, own: Own<'_>) -> Result<(), IdentityError> {
    match password.chars().count() {
        0..SHORTEST_PASSWORD => Err(IdentityError::PasswordTooShort),
        SHORTEST_PASSWORD..=LONGEST_PASSWORD if is_common(password) => {
            Err(IdentityError::PasswordCommon)
        }
        SHORTEST_PASSWORD..=LONGEST_PASSWORD if own.is_all_of(password) => {
            Err(IdentityError::PasswordOwn)
        }
        SHORTEST_PASSWORD..=LONGEST_PASSWORD => Ok(()),
        _ => Err(IdentityError::PasswordTooLong),
    }
}

/// What somebody still has to show, who has shown `by` and perhaps `also`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Address,
    SecondFactor,
}

/// Decides for every way to sign in. A passkey is two proofs at once: the device, and the finger or
/// number that it asked for. A mailed code proves the address by the way.
pub(super) fn missing(candidate: &Candidate, by: Method, asks_for_proof: bool) -> Option<Missing> {
    if asks_for_proof && !candidate.is_proved && by != Method::EmailCode {
        return Some(Missing::Address);
    }
    match (candidate.second_factor, by) {
        (None, _) | (_, Method::Passkey) => None,
        (Some(_), Method::Password | Method::EmailCode) => Some(Missing::SecondFactor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_from_addresses() {
        let made = |address: &str| Username::from_address(&address.parse().unwrap(), [1, 2, 255]).0;
        assert_eq!(made("ana.b+soap@example.com"), "ana.bsoap_0102ff");
        assert_eq!(made("ö@example.com"), "user_0102ff");
        assert_eq!(made(&format!("{}@example.com", "x".repeat(64))).len(), 64);
    }

    #[test]
    fn a_name_is_never_an_address() {
        assert!("ana@example.com".parse::<Username>().is_err());
        assert!("ab".parse::<Username>().is_err());
        assert_eq!(" Ana_B ".parse::<Username>().unwrap().as_str(), "Ana_B");
    }

    #[test]
    fn passwords_count_characters_and_not_bytes() {
        let check = |password: &str| check_password(password, Own::default());
        assert!(matches!(
            check("ööööööö"),
            Err(IdentityError::PasswordTooShort)
        ));
        assert!(check("öööööööö").is_ok());
        assert!(check(&"ö".repeat(128)).is_ok());
        assert!(matches!(
            check(&"x".repeat(129)),
            Err(IdentityError::PasswordTooLong)
        ));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        let own = Own {
            email: "ana.maker@example.com",
            username: "soap_ana",
            first_name: "Ana",
            last_name: "Maker",
        };
        for common in ["password", "PASSWORD", "iloveyou1"] {
            let refused = check_password(common, own);
            assert!(
                matches!(refused, Err(IdentityError::PasswordCommon)),
                "{common}"
            );
        }
        for mine in [
            "Ana Maker 1984",
            "ana.maker@example.com",
            "soap_ana!",
            "maker-ana",
        ] {
            let refused = check_password(mine, own);
            assert!(matches!(refused, Err(IdentityError::PasswordOwn)), "{mine}");
        }
        for fine in ["anamakers soap", "3.14159265", "correct horse"] {
            assert!(check_password(fine, own).is_ok(), "{fine}");
        }
    }

    #[test]
    fn each_way_in_asks_for_what_is_missing() {
        use crate::{identity::SecondFactor, kernel::ids::UserId};
        let candidate = |is_proved, second_factor| Candidate {
            user: UserId::new(1),
            username: String::new(),
            email: String::new(),
            password_hash: String::new(),
            is_first: false,
            is_proved,
            second_factor,
            session_epoch: 0,
            organization: None,
        };
        for by in Method::ALL.iter().copied() {
            for asks in [false, true] {
                let plain = missing(&candidate(true, None), by, asks);
                assert_eq!(plain, None, "{by}");
                let unproved = missing(&candidate(false, None), by, asks);
                let refused = asks && by != Method::EmailCode;
                assert_eq!(unproved, refused.then_some(Missing::Address), "{by}");
                for second in [SecondFactor::Totp, SecondFactor::Email] {
                    let more = missing(&candidate(true, Some(second)), by, asks);
                    let wanted = by != Method::Passkey;
                    assert_eq!(
                        more,
                        wanted.then_some(Missing::SecondFactor),
                        "{by} {second}"
                    );
                }
            }
        }
    }
}
