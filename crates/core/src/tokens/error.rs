use super::model::{LONGEST_LIFE_DAYS, MOST_TOKENS};
use crate::{
    kernel::{Fault, Kind, StoreError},
    tiers::Permission,
};
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("Choose at least one thing that the token may do.")]
    NoScopes,
    /// Nobody gives more than they have.
    #[error("You may not {} yourself, so no token of yours may.", .0.label())]
    Beyond(Permission),
    #[error("A token lives for 1 to {LONGEST_LIFE_DAYS} days, or until it is revoked.")]
    BadLifetime,
    #[error("There are {MOST_TOKENS} tokens already. Revoke one that isn't used any more.")]
    TooMany,
    /// Or it could give itself another life.
    #[error("Tokens are made and revoked by people who are signed in, not by another token.")]
    ByPeopleOnly,
    #[error("There is no such token, or it was revoked already.")]
    NoToken,
    #[error("You don't belong to that organisation.")]
    NotTheirs,
    #[error("Sign in again.")]
    BadRefresh,
    /// Whoever had it first, or somebody who copied it, is at work; nobody can tell who is who.
    #[error(
        "This refresh token was used before. To be safe, everything from this sign-in has ended: sign in again."
    )]
    Reused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for TokenError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Fault for TokenError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoScopes | Self::Beyond(_) | Self::BadLifetime => Kind::Invalid,
            Self::TooMany => Kind::Conflict,
            Self::ByPeopleOnly | Self::NotTheirs => Kind::Forbidden,
            Self::NoToken => Kind::NotFound,
            Self::BadRefresh | Self::Reused => Kind::Unauthenticated,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoScopes => "tokens.no_scopes",
            Self::Beyond(_) => "tokens.beyond_your_own",
            Self::BadLifetime => "tokens.bad_lifetime",
            Self::TooMany => "tokens.too_many",
            Self::ByPeopleOnly => "tokens.by_people_only",
            Self::NoToken => "tokens.no_token",
            Self::NotTheirs => "auth.not_your_organization",
            Self::BadRefresh => "auth.bad_refresh_token",
            Self::Reused => "auth.refresh_token_reused",
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
        let field = match self {
            Self::NoScopes | Self::Beyond(_) => "scopes",
            Self::BadLifetime => "expires_in_days",
            Self::NotTheirs => "organization_id",
            _ => return None,
        };
        Some(Cow::Borrowed(field))
    }
}
