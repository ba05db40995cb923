//! Deliveries: prepare, send, settle. Nothing is held while somebody else's server thinks.
mod again;
pub mod guard;
mod measures;
mod operator;
pub mod policy;
mod prepare;
pub mod send;
mod settle;

use self::{
    guard::{Lookup, SystemLookup},
    measures::Measures,
    operator::Operator,
    send::Sender,
};
use crate::work::{Ctx, JobError, Run, Work};
use anyhow::Context as _;
use batchtrack_core::{
    platform::Settings,
    webhooks::{Deliver, Desk, Secret},
};
use secrecy::ExposeSecret as _;
use std::{fmt, sync::Arc, time::Duration};
use url::Url;

/// What delivering needs besides the database.
pub struct Hooks {
    desk: Desk,
    sender: Sender,
    /// Without a guard, for the operator's own address.
    open: Sender,
    operator: Option<Operator>,
    measures: Measures,
}

impl Hooks {
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        Self::with_lookup(settings, Arc::new(SystemLookup))
    }

    /// The same, with names looked up elsewhere.
    pub fn with_lookup(settings: &Settings, lookup: Arc<dyn Lookup>) -> anyhow::Result<Self> {
        let desk = Desk::new(settings)?;
        Ok(Self {
            sender: Sender::guarded(desk.reach.clone(), lookup)?,
            open: Sender::unguarded()?,
            operator: operator(settings)?,
            measures: Measures::new(),
            desk,
        })
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hooks")
    }
}

/// A mistake in these settings stops the process: events would be lost on the way to nowhere.
fn operator(settings: &Settings) -> anyhow::Result<Option<Operator>> {
    let Some(url) = &settings.webhooks.operator_url else {
        return Ok(None);
    };
    let parsed = Url::parse(url.expose_secret()).context("DOMAIN_EVENT_WEBHOOK_URL")?;
    anyhow::ensure!(
        ["http", "https"].contains(&parsed.scheme()) && parsed.has_host(),
        "DOMAIN_EVENT_WEBHOOK_URL must begin with https:// or http://"
    );
    let secret = settings.webhooks.operator_secret.as_ref();
    Ok(Some(Operator {
        url: url.clone(),
        secret: secret
            .map(Secret::from_text)
            .transpose()
            .context("DOMAIN_EVENT_WEBHOOK_SECRET")?,
    }))
}

impl Work for Deliver {
    /// Two tries of one request at most, and the database.
    const TIMEOUT: Duration = Duration::from_secs(45);

    async fn run(self, ctx: &Ctx, run: &Run) -> Result<(), JobError> {
        let hooks: &Hooks = &ctx.hooks;
        let Some(ready) = prepare::prepare(ctx, hooks, &self).await? else {
            return Ok(());
        };
        let parcel = prepare::parcel(&ready, ctx.clock.now());
        let report = hooks.sender.send(&parcel).await;
        let (seconds, answer) = (report.duration.as_secs_f64(), report.answer);
        let settled = settle::settle(ctx, run, &self, &ready, report).await;
        hooks
            .measures
            .attempted(seconds, answer, settled.as_ref().ok().copied());
        let verdict = settled?;
        // Where it goes and what it says stay out of the log.
        tracing::debug!(
            organization.id = self.organization.get(),
            endpoint.id = self.endpoint.get(),
            delivery.id = self.delivery.get(),
            attempt = ready.number,
            request.id = &*run.correlation,
            ?answer,
            ?verdict,
            "webhook sent"
        );
        match verdict {
            policy::Verdict::Again(wait) => Err(JobError::Snooze(wait)),
            _ => Ok(()),
        }
    }
}
