//! What a job is lent while it is done.
use crate::{deliver::Hooks, mail::Mailer};
use batchtrack_core::{
    identity::{AccountDesk, Passwords},
    jobs::Claimed,
    kernel::{
        Clock,
        ids::{JobId, OrganizationId},
    },
    platform::{Db, Settings, SystemDb, db::Acting, seal::Keyring, wake::Bell},
};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// The outside world as jobs may use it; cheap to clone. Its pools are the jobs' own, so that work
/// which takes all connections can't keep the workers from renewing their leases.
#[derive(Clone)]
pub struct Ctx {
    /// Beyond tenants.
    pub system: SystemDb,
    /// Within one organisation: see [`Run::acting`].
    pub db: Db,
    pub settings: Arc<Settings>,
    pub clock: Clock,
    pub mailer: Mailer,
    pub hooks: Arc<Hooks>,
    /// What looking after accounts needs.
    pub accounts: AccountDesk,
}

impl Ctx {
    /// Makes the pools; connections are opened as they are needed.
    pub async fn connect(settings: &Settings, clock: Clock) -> anyhow::Result<Self> {
        let keys = Keyring::new(settings.http.secret_key.as_ref())?;
        Ok(Self {
            mailer: Mailer::new(settings, &keys)?,
            hooks: Arc::new(Hooks::new(settings)?),
            accounts: AccountDesk::new(settings, Passwords::new(&settings.passwords))?,
            system: SystemDb::connect(&settings.database, clock.clone()).await?,
            db: Db::connect(&settings.database, clock.clone()).await?,
            settings: Arc::new(settings.clone()),
            clock,
        })
    }

    /// Rings `bell` after what jobs commit.
    #[must_use]
    pub fn with_bell(mut self, bell: &Bell) -> Self {
        self.system = self.system.with_bell(bell);
        self.db = self.db.with_bell(bell);
        self
    }
}

/// One attempt at one job.
#[derive(Debug, Clone)]
pub struct Run {
    pub id: JobId,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    pub max_attempts: i32,
    pub organization: Option<OrganizationId>,
    /// The request that caused it, as in the logs.
    pub correlation: Arc<str>,
    pub traceparent: Option<String>,
    pub enqueued_at: DateTime<Utc>,
}

impl Run {
    pub(super) fn of(job: &Claimed, max_attempts: i32) -> Self {
        Self {
            id: job.id,
            attempt: job.failures.saturating_add(1),
            max_attempts,
            organization: job.organization,
            correlation: job.correlation.as_str().into(),
            traceparent: job.traceparent.clone(),
            enqueued_at: job.enqueued_at,
        }
    }

    /// Whether the job is dead if this attempt fails.
    pub const fn is_last(&self) -> bool {
        self.attempt >= self.max_attempts
    }

    /// Nobody in particular at work in `organization`, on account of the request that caused the job.
    pub fn acting(&self, organization: OrganizationId) -> Acting {
        Acting {
            organization,
            user: None,
            correlation: self.correlation.clone(),
        }
    }
}
