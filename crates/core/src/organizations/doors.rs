//! How an organisation wants its doors kept: sessions of its members, and sites that may call its API.
use crate::kernel::{Fault, Kind, StoreError};
use std::{borrow::Cow, fmt, str::FromStr};

/// The most sites that an organisation can name.
pub const MOST_ORIGINS: usize = 20;

/// A site as browsers name it: `https://shop.example` or `https://shop.example:8443`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SiteOrigin(String);

#[derive(Debug, thiserror::Error)]
pub enum DoorsError {
    #[error(
        "“{0}” is not the address of a site. Write it as https://shop.example, without a path."
    )]
    BadOrigin(String),
    #[error("At most {MOST_ORIGINS} sites can be named.")]
    TooManyOrigins,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for DoorsError {
    fn kind(&self) -> Kind {
        match self {
            Self::BadOrigin(_) | Self::TooManyOrigins => Kind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::BadOrigin(_) => "organizations.bad_origin",
            Self::TooManyOrigins => "organizations.too_many_origins",
            Self::Store(error) => error.code(),
        }
    }
    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Store(error) => error.detail(),
            other => Cow::Owned(other.to_string()),
        }
    }
    fn field(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::BadOrigin(_) | Self::TooManyOrigins => Some(Cow::Borrowed("api_origins")),
            Self::Store(_) => None,
        }
    }
}

impl FromStr for SiteOrigin {
    type Err = DoorsError;
    fn from_str(text: &str) -> Result<Self, DoorsError> {
        const LONGEST: usize = 255;
        let bad = || DoorsError::BadOrigin(text.chars().take(LONGEST).collect());
        let url = url::Url::parse(text).map_err(|_not_an_address| bad())?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let host = url.host_str().unwrap_or("*");
        if url.scheme() != "https" || host.contains('*') || !bare || text.len() > LONGEST {
            return Err(bad());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

impl SiteOrigin {
    /// One that was looked at before it was kept.
    pub(super) const fn kept(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SiteOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an organisation has decided about its doors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Doors {
    /// Whether signing in ends the other sessions of an account.
    pub single_session: bool,
    /// Sites whose pages may call the API from their visitors' browsers.
    pub api_origins: Vec<SiteOrigin>,
}

impl Doors {
    /// Sites as somebody listed them, one to a line.
    pub fn origins(text: &str) -> Result<Vec<SiteOrigin>, DoorsError> {
        let words = text.split(['\n', '\r', ',', ' ']).map(str::trim);
        let mut origins = words
            .filter(|word| !word.is_empty())
            .map(str::parse)
            .collect::<Result<Vec<SiteOrigin>, _>>()?;
        origins.sort();
        origins.dedup();
        if origins.len() > MOST_ORIGINS {
            return Err(DoorsError::TooManyOrigins);
        }
        Ok(origins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_named_as_browsers_name_them() {
        let listed = Doors::origins(
            " https://Shop.example/\n\nhttps://b.example:8443 ,https://shop.example",
        );
        let listed: Vec<_> = listed.unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(listed, ["https://b.example:8443", "https://shop.example"]);
        for bad in [
            "shop.example",
            "http://shop.example",
            "https://shop.example/cart",
            "https://me@shop.example",
            "https://shop.example?x",
            "*",
            "null",
            "https://*",
        ] {
            assert!(Doors::origins(bad).is_err(), "{bad}");
        }
        let many = (0..=MOST_ORIGINS).map(|n| format!("https://s{n}.example\n"));
        assert!(matches!(
            Doors::origins(&many.collect::<String>()),
            Err(DoorsError::TooManyOrigins)
        ));
    }
}
