//! Requests and answers of `/api/v1/tokens` and `/api/v1/auth`.
use crate::problem::Problem;
use batchtrack_core::{
    kernel::text::{self, Name},
    tiers::{Permission, Permissions},
    tokens::{ApiToken, Lifetime, NewToken, Sort},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest name of a token or a device.
pub(super) const LONGEST_NAME: usize = 64;

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTokenIn {
    /// By which you know it again.
    #[schema(example = "Stock counter")]
    pub name: String,
    /// What it may do: permissions that you have yourself.
    #[schema(example = json!(["inventory.view", "inventory.adjust"]))]
    pub scopes: Vec<String>,
    /// 1 to 365. Left out: until it is revoked.
    #[schema(example = 90)]
    pub expires_in_days: Option<u32>,
}

impl NewTokenIn {
    pub(super) fn into_domain(self, sort: Sort) -> Result<NewToken, Problem> {
        Ok(NewToken {
            sort,
            name: name(&self.name)?,
            scopes: scopes(self.scopes.iter().map(String::as_str))?,
            lifetime: self
                .expires_in_days
                .map_or(Lifetime::Unlimited, Lifetime::Days),
        })
    }
}

pub(super) fn name(typed: &str) -> Result<Name, Problem> {
    text::line(typed, LONGEST_NAME)
        .and_then(|line| line.parse())
        .map_err(|error| {
            let detail = format!("The name {error}.");
            Problem::invalid("request.bad_text", detail.clone()).field("name", detail)
        })
}

pub(super) fn scopes<'a>(words: impl Iterator<Item = &'a str>) -> Result<Permissions, Problem> {
    words
        .map(|word| {
            word.parse::<Permission>().map_err(|_unknown| {
                let shown: String = word.chars().filter(|c| !c.is_control()).take(64).collect();
                let detail = format!("There is no permission “{shown}”.");
                Problem::invalid("tokens.unknown_scope", detail.clone()).field("scopes", detail)
            })
        })
        .collect()
}

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenOut {
    pub id: i64,
    /// `personal`: it acts as the one who made it; `organization`: as the organisation itself.
    #[schema(example = "personal")]
    pub sort: &'static str,
    /// Whose it is; null for one of the organisation.
    pub member: Option<String>,
    pub name: String,
    /// How its secret begins.
    #[schema(example = "bt_pat_42_Jf8kQz")]
    pub prefix: String,
    pub scopes: Vec<&'static str>,
    pub created_at: DateTime<Utc>,
    /// Null: it is good until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    /// Give or take a minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl TokenOut {
    pub(super) fn of(token: ApiToken) -> Self {
        Self {
            id: token.id.get(),
            sort: if token.user.is_some() {
                "personal"
            } else {
                "organization"
            },
            member: token.user.map(|_| token.user_name),
            name: token.name,
            prefix: token.prefix,
            scopes: token.scopes.words(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// A token that was made just now.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenCreatedOut {
    #[serde(flatten)]
    pub token: TokenOut,
    /// This once: it is kept nowhere. Null when the answer is a replay.
    pub secret: Option<String>,
}

/// Somebody signs in by an app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInIn {
    /// A user name or an e-mail address.
    #[schema(example = "ana@example.com")]
    pub username: String,
    #[schema(format = Password)]
    pub password: String,
    /// Of an authenticator app, or a recovery code: where two-step sign-in is on.
    #[schema(example = "492039")]
    pub code: Option<String>,
    /// What the device is called where somebody looks after their sign-ins.
    #[schema(example = "Ana's phone")]
    pub device: Option<String>,
    /// Where to act. Left out: the first organisation that they belong to.
    pub organization_id: Option<i64>,
}

/// A sign-in is renewed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshIn {
    pub refresh_token: String,
    /// Act there from now on. Left out: where it was.
    pub organization_id: Option<i64>,
}

/// A sign-in is given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeIn {
    pub refresh_token: String,
}

/// What an app goes on with.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedInOut {
    /// Sent as `Authorization: Bearer …`.
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Of the access token, in seconds.
    #[schema(example = 600)]
    pub expires_in: i64,
    /// Good for one renewal.
    pub refresh_token: String,
    pub refresh_expires_at: DateTime<Utc>,
    /// Where they act; null for somebody who belongs nowhere.
    pub organization_id: Option<i64>,
}
