use crate::{
    kernel::{
        ids::{ApiTokenId, UserId},
        text::Name,
    },
    tiers::Permissions,
};
use chrono::{DateTime, TimeDelta, Utc};

/// Live ones of one person in an organisation, or of the organisation itself.
pub(super) const MOST_TOKENS: i64 = 50;
pub(super) const LONGEST_LIFE_DAYS: u32 = 365;

/// How long a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    Days(u32),
    /// Until it is revoked.
    Unlimited,
}

impl Lifetime {
    pub(super) fn end(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Days(days) => Some(now + TimeDelta::days(i64::from(days))),
            Self::Unlimited => None,
        }
    }
}

/// Whose tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of the person at work.
    Mine,
    /// Of the organisation, and of all its members: for those who look after them.
    All,
}

/// A token that somebody wants.
#[derive(Debug, Clone)]
pub struct NewToken {
    pub sort: super::Sort,
    pub name: Name,
    pub scopes: Permissions,
    pub lifetime: Lifetime,
}

/// A token as its owner sees it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    pub id: ApiTokenId,
    /// Who acts by it; none for one of the organisation.
    pub user: Option<UserId>,
    /// What to call them; "" for one of the organisation.
    pub user_name: String,
    pub name: String,
    pub prefix: String,
    pub scopes: Permissions,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    /// Give or take a minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// One that was found good just now.
pub(super) struct Found {
    pub(super) id: ApiTokenId,
    pub(super) user: Option<UserId>,
    pub(super) name: String,
    pub(super) scopes: Permissions,
    pub(super) last_used_at: Option<DateTime<Utc>>,
}
