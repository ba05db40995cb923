//! Sessions: what one holds, where they are kept and how their cookie is called.
mod cookies;
mod store;

pub(crate) use self::cookies::Sessions;
use crate::{extract::Caller, problem::Problem};
use actix_session::Session;
use batchtrack_core::kernel::{Kind, ids::OrganizationId};
use chrono::{DateTime, Utc};

/// In a state that stands in for one that could not be loaded. Nothing with it is ever saved.
const UNAVAILABLE: &str = "unavailable";
const USER: &str = "user";
const ORGANIZATION: &str = "organization";
/// Of the account when they signed in.
const EPOCH: &str = "epoch";
const CSRF: &str = "csrf";
/// When they signed in, and when their time was last extended, in Unix seconds.
const SINCE: &str = "since";
const EXTENDED: &str = "extended";

/// The only ways in which the service reads and writes a session.
#[derive(Clone)]
pub(crate) struct Visit(Session);

impl Visit {
    pub(crate) fn new(session: Session) -> Self {
        Self(session)
    }

    /// Refuses clearly when nobody can tell who this is.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        if self.0.contains_key(UNAVAILABLE) {
            return Err(unavailable());
        }
        Ok(())
    }

    /// Whether there is anything to protect: somebody signed in, or a form that was handed out.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.entries().is_empty()
    }

    pub(crate) fn caller(&self) -> Option<Caller> {
        Some(Caller {
            user: self.0.get(USER).ok()??,
            organization: self.0.get(ORGANIZATION).ok()?,
            epoch: self.0.get(EPOCH).ok()??,
        })
    }

    pub(crate) fn csrf(&self) -> Option<String> {
        self.0.get(CSRF).ok()?
    }

    /// The token for the forms of this session, made when the first one is shown.
    pub(crate) fn ensure_csrf(&self) -> Result<String, Problem> {
        self.check()?;
        if let Some(token) = self.csrf() {
            return Ok(token);
        }
        let mut random = [0_u8; 32];
        getrandom::fill(&mut random).map_err(|error| Problem::internal(error.to_string()))?;
        let token = hex::encode(random);
        self.put(CSRF, &token)?;
        Ok(token)
    }

    /// Signs in under a new id. The token of the forms stays: pages opened before remain good.
    pub(crate) fn sign_in(&self, caller: Caller, now: DateTime<Utc>) -> Result<(), Problem> {
        self.ensure_csrf()?;
        self.put(USER, caller.user)?;
        self.put(EPOCH, caller.epoch)?;
        self.act_in(caller.organization)?;
        self.put(SINCE, now.timestamp())?;
        self.put(EXTENDED, now.timestamp())?;
        self.0.renew();
        Ok(())
    }

    /// Acts in another organisation from now on, or in none.
    pub(crate) fn act_in(&self, organization: Option<OrganizationId>) -> Result<(), Problem> {
        if let Some(organization) = organization {
            return self.put(ORGANIZATION, organization);
        }
        self.0.remove(ORGANIZATION);
        Ok(())
    }

    pub(crate) fn sign_out(&self) {
        self.0.purge();
    }

    /// Keeps a session that is in use alive, writing at most ten times in its life.
    pub(crate) fn extend(&self, now: DateTime<Utc>, lifetime_minutes: u32) {
        let step = i64::from(lifetime_minutes) * 60 / 10;
        let last: i64 = self.0.get(EXTENDED).ok().flatten().unwrap_or_default();
        if now.timestamp() - last >= step {
            let _ = self.put(EXTENDED, now.timestamp());
        }
    }

    fn put(&self, key: &str, value: impl serde::Serialize) -> Result<(), Problem> {
        self.0
            .insert(key, value)
            .map_err(|error| Problem::internal(error.to_string()))
    }
}

pub(crate) fn unavailable() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "session.unavailable",
        "We can't check who you are just now, so signing in and your workspace have to wait. Nothing is lost. Try again in a few seconds.",
    )
}
