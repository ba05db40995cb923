mod between;

pub(crate) use self::between::{Between, Step};
use super::{
    ADDRESS, ALONE, BROWSER, Browser, CSRF, EPOCH, HANDLE, HOME, LOST, MOVED, ORGANIZATION, SEEN,
    SINCE, STAY, UNAVAILABLE, USER, index::State, unavailable,
};
use crate::{extract::Caller, problem::Problem};
use actix_session::Session;
use batchtrack_core::{
    kernel::ids::{OperatorStayId, OrganizationId, UserId},
    platform::config::SessionSettings,
};
use chrono::{DateTime, Utc};
use std::net::IpAddr;

/// The only ways in which the service reads and writes a session.
#[derive(Clone)]
pub(crate) struct Visit(Session);

/// What a session says of itself to its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) handle: String,
    pub(crate) user: UserId,
    pub(crate) begun: DateTime<Utc>,
    /// Coarse: some minutes may have passed since.
    pub(crate) seen: DateTime<Utc>,
    pub(crate) address: String,
    pub(crate) browser: String,
}

impl Facts {
    pub(super) fn of(state: &State) -> Option<Self> {
        fn get<T: serde::de::DeserializeOwned>(state: &State, name: &str) -> Option<T> {
            serde_json::from_str(state.get(name)?).ok()
        }
        Some(Self {
            handle: get(state, HANDLE)?,
            user: get(state, USER)?,
            begun: DateTime::from_timestamp(get(state, SINCE)?, 0)?,
            seen: DateTime::from_timestamp(get(state, SEEN)?, 0)?,
            address: get(state, ADDRESS).unwrap_or_default(),
            browser: get(state, BROWSER).unwrap_or_default(),
        })
    }
}

/// Where somebody signs in from, and whether that ends their other sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entrance {
    pub(crate) address: Option<IpAddr>,
    pub(crate) browser: Browser,
    pub(crate) is_alone: bool,
}

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

    /// What this session is called before its owner.
    pub(crate) fn handle(&self) -> Option<String> {
        self.0.get(HANDLE).ok()?
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
        let token = random::<32>()?;
        self.put(CSRF, &token)?;
        Ok(token)
    }

    /// Signs in under a new id. The token of the forms stays: pages opened before remain good.
    pub(crate) fn sign_in(
        &self,
        caller: Caller,
        entrance: Entrance,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        self.ensure_csrf()?;
        self.forget_between();
        self.put(USER, caller.user)?;
        self.put(EPOCH, caller.epoch)?;
        self.put(HANDLE, random::<12>()?)?;
        self.put(SINCE, now.timestamp())?;
        self.put(SEEN, now.timestamp())?;
        let address = entrance.address.map(|address| address.to_string());
        self.put(ADDRESS, address.unwrap_or_default())?;
        self.put(BROWSER, entrance.browser.to_string())?;
        self.0.remove(ALONE);
        if entrance.is_alone {
            self.put(ALONE, true)?;
        }
        self.act_in(caller.organization)?;
        // Whoever signs in takes the place of no session that would have to be there still.
        self.0.remove(MOVED);
        Ok(())
    }

    /// Acts in another organisation from now on, or in none, under a new id.
    pub(crate) fn act_in(&self, organization: Option<OrganizationId>) -> Result<(), Problem> {
        match organization {
            Some(organization) => self.put(ORGANIZATION, organization)?,
            None => drop(self.0.remove(ORGANIZATION)),
        }
        self.rotate()
    }

    /// Goes on under a new id: whoever had the former one must not come into what is gained now. To
    /// be called whenever somebody may do more than before, as after a second factor.
    pub(crate) fn rotate(&self) -> Result<(), Problem> {
        self.put(MOVED, true)?;
        self.0.renew();
        Ok(())
    }

    /// Acts as an organisation from now on, as an operator.
    pub(crate) fn begin_stay(
        &self,
        stay: OperatorStayId,
        organization: OrganizationId,
    ) -> Result<(), Problem> {
        let home: Option<OrganizationId> = self.0.get(ORGANIZATION).ok().flatten();
        match home {
            Some(home) => self.put(HOME, home)?,
            None => drop(self.0.remove(HOME)),
        }
        self.put(STAY, stay)?;
        self.act_in(Some(organization))
    }

    /// Back to where they were before.
    pub(crate) fn end_stay(&self) -> Result<(), Problem> {
        let home: Option<OrganizationId> = self.0.get(HOME).ok().flatten();
        self.0.remove(STAY);
        self.0.remove(HOME);
        self.act_in(home)
    }

    /// Of an operator who acts as an organisation.
    pub(crate) fn stay(&self) -> Option<OperatorStayId> {
        self.0.get(STAY).ok()?
    }

    /// Acts nowhere from now on; `why` is told on the page where one chooses anew.
    pub(crate) fn lose_place(&self, why: &str) -> Result<(), Problem> {
        self.put(LOST, why)?;
        self.act_in(None)
    }

    /// Why they act nowhere, told once.
    pub(crate) fn take_lost(&self) -> Option<String> {
        let why: String = self.0.get(LOST).ok()??;
        self.0.remove(LOST);
        Some(why)
    }

    pub(crate) fn sign_out(&self) {
        self.0.purge();
    }

    /// Ends a session that has gone on for too long, however busily.
    pub(crate) fn end_if_old(&self, now: DateTime<Utc>, settings: &SessionSettings) {
        let Some(since) = self.0.get::<i64>(SINCE).ok().flatten() else {
            return;
        };
        if now.timestamp() - since >= settings.absolute_lifetime().num_seconds() {
            self.sign_out();
        }
    }

    /// Keeps a session that is in use alive, and notes that it is, every now and then.
    pub(crate) fn extend(&self, now: DateTime<Utc>, settings: &SessionSettings) {
        const COARSE: i64 = 15 * 60;
        let step = COARSE.min(settings.lifetime().num_seconds() / 10);
        let last: i64 = self.0.get(SEEN).ok().flatten().unwrap_or_default();
        if now.timestamp() - last >= step {
            let _ = self.put(SEEN, now.timestamp());
        }
    }

    fn put(&self, key: &str, value: impl serde::Serialize) -> Result<(), Problem> {
        self.0
            .insert(key, value)
            .map_err(|error| Problem::internal(error.to_string()))
    }
}

fn random<const N: usize>() -> Result<String, Problem> {
    let mut random = [0_u8; N];
    getrandom::fill(&mut random).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(hex::encode(random))
}
