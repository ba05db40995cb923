//! What a user name and a password may look like.
use super::IdentityError;
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

/// Length is the only rule: anything more makes passwords worse.
pub fn check_password(password: &str) -> Result<(), IdentityError> {
    match password.chars().count() {
        0..SHORTEST_PASSWORD => Err(IdentityError::PasswordTooShort),
        SHORTEST_PASSWORD..=LONGEST_PASSWORD => Ok(()),
        _ => Err(IdentityError::PasswordTooLong),
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
        assert!(check_password("ööööööö").is_err());
        assert!(check_password("öööööööö").is_ok());
        assert!(check_password(&"ö".repeat(128)).is_ok());
        assert!(check_password(&"x".repeat(129)).is_err());
    }
}
