//! Strings that have been looked at: trimmed, not empty, not too long, nothing unprintable.
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    #[error("must not be empty")]
    Empty,
    #[error("may be at most {0} characters long")]
    TooLong(usize),
    #[error("must not contain control characters")]
    Unprintable,
    #[error("enter an e-mail address such as ana@example.com")]
    NotAnEmail,
}

/// Trims `text` and refuses it when it is empty, longer than `most` characters, or holds control
/// characters (line breaks and tabs count; use [`note`] where they may stand).
pub fn line(text: &str, most: usize) -> Result<String, BadText> {
    let text = text.trim();
    if text.is_empty() {
        return Err(BadText::Empty);
    }
    if text.chars().count() > most {
        return Err(BadText::TooLong(most));
    }
    if text.chars().any(char::is_control) {
        return Err(BadText::Unprintable);
    }
    Ok(text.to_owned())
}

/// Like [`line`] for text of several lines that may be left out.
pub fn note(text: &str, most: usize) -> Result<String, BadText> {
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().count() > most {
        return Err(BadText::TooLong(most));
    }
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(BadText::Unprintable);
    }
    Ok(text)
}

/// The pattern by which SQL's `LIKE` finds lower-case texts that contain `wanted`, its own wildcards
/// taken literally.
pub fn containing(wanted: &str) -> String {
    let literal = wanted
        .to_lowercase()
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{literal}%")
}

/// A name people gave something: one line of 1 to 128 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    pub const MOST: usize = 128;
    pub fn as_str(&self) -> &str {
        &self.0
    }
    pub fn into_string(self) -> String {
        self.0
    }
}

impl std::str::FromStr for Name {
    type Err = BadText;
    fn from_str(text: &str) -> Result<Self, BadText> {
        line(text, Self::MOST).map(Self)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An e-mail address in lower case. Only a message that arrives proves it; this keeps out what
/// can't be one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Email {
    type Err = BadText;
    fn from_str(text: &str) -> Result<Self, BadText> {
        let text = line(text, 120)?.to_lowercase();
        let plausible = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && local.len() <= 64
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !domain.contains("..")
                && !domain.contains('@')
                && !text
                    .chars()
                    .any(|c| c.is_whitespace() || ",;<>()\"\\".contains(c))
        });
        if plausible {
            Ok(Self(text))
        } else {
            Err(BadText::NotAnEmail)
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_mean_themselves() {
        assert_eq!(containing(r"50%_\ Oil"), r"%50\%\_\\ oil%");
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(
            "  Olive Oil ".parse::<Name>().unwrap().as_str(),
            "Olive Oil"
        );
        assert_eq!("🧼".parse::<Name>().unwrap().as_str(), "🧼");
        assert_eq!(" \u{a0} ".parse::<Name>(), Err(BadText::Empty));
        assert_eq!("a\0b".parse::<Name>(), Err(BadText::Unprintable));
        assert_eq!("x".repeat(129).parse::<Name>(), Err(BadText::TooLong(128)));
        assert!("ö".repeat(128).parse::<Name>().is_ok());
    }

    #[test]
    fn addresses_are_plausible_and_lower_case() {
        assert_eq!(
            "Ana@Example.COM".parse::<Email>().unwrap().as_str(),
            "ana@example.com"
        );
        for bad in [
            "ana",
            "ana@",
            "@example.com",
            "ana@example",
            "a b@example.com",
            "a@b@c.de",
            "a@.com",
        ] {
            assert_eq!(bad.parse::<Email>(), Err(BadText::NotAnEmail), "{bad}");
        }
    }
}
