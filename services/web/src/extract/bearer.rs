use super::Audience;
use crate::{app::App, problem::Problem};
use actix_web::http::{
    StatusCode,
    header::{self, HeaderMap},
};
use batchtrack_core::{
    kernel::Kind,
    tokens::{Claims, Presented},
};

/// What a program shows of itself in `Authorization`. With it there is no session, so nothing that a
/// browser sends by itself counts, and no page of another site can act for its visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bearer {
    /// A token that people made; the database says whether it is good.
    Token(Presented),
    /// An access token of an app, found good.
    Access(Claims),
    /// Neither.
    Unknown,
}

impl Bearer {
    /// Pages are for browsers, and have sessions.
    pub(crate) fn of(headers: &HeaderMap, audience: Audience, app: &App) -> Option<Self> {
        let sent = headers.get(header::AUTHORIZATION)?;
        if audience == Audience::Person {
            return None;
        }
        let text = sent.to_str().unwrap_or_default();
        let (scheme, token) = text.split_once(' ').unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Some(Self::Unknown);
        }
        let token = token.trim();
        let known = match Presented::parse(token) {
            Some(presented) => Some(Self::Token(presented)),
            None => app
                .access_tokens
                .read(token, app.clock.now())
                .map(Self::Access),
        };
        Some(known.unwrap_or(Self::Unknown))
    }

    /// Who is counted for what they ask: nobody as long as anything goes for a token.
    pub(crate) fn subject(&self) -> Option<String> {
        match self {
            Self::Token(presented) => Some(format!("token:{}", presented.fingerprint())),
            Self::Access(claims) => Some(format!("user:{}", claims.user)),
            Self::Unknown => None,
        }
    }
}

/// One answer for a token that never was, one that was revoked and one that has expired.
pub(crate) fn bad_token() -> Problem {
    Problem::new(
        Kind::Unauthenticated,
        "auth.bad_token",
        "This token is not good, or not any more. Make a new one, or renew it.",
    )
}

/// For what is about somebody themselves.
pub(super) fn people_only() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "access.people_only",
        "This is for people who are signed in, not for tokens.",
    )
}

/// A page of another site, whose visitors' browsers ask in its name.
pub(super) fn site_refused() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "access.site_not_allowed",
        "Pages of that site may not use the API of this organisation. Add it to the organisation's settings.",
    )
    .with_status(StatusCode::FORBIDDEN)
}
