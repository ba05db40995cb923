//! `batchtrack replay`: sends events again. Receivers know an event by its id, so one that comes twice
//! harms nobody.
use super::{moment::moment, settings};
use crate::{actor::actor, say::say};
use batchtrack_core::{
    kernel::{
        Clock,
        ids::{EventId, OrganizationId, WebhookEndpointId},
    },
    operators::{self, Actor, Replayed, Stretch},
    platform::SystemDb,
};
use chrono::{DateTime, Utc};
use std::{path::Path, process::ExitCode};

#[derive(clap::Args)]
pub(crate) struct Replay {
    /// One event, by its number: `17`, or `evt_17` as receivers know it
    #[arg(long, value_name = "ID", value_parser = event, required_unless_present = "from", conflicts_with_all = ["from", "to", "unmet"])]
    event: Option<i64>,
    /// All that was recorded from this moment…
    #[arg(long, value_name = "T", value_parser = moment)]
    from: Option<DateTime<Utc>>,
    /// …until before this one [default: now]
    #[arg(long, value_name = "T", value_parser = moment, requires = "from")]
    to: Option<DateTime<Utc>>,
    /// Of one organisation only, by its number
    #[arg(long, value_name = "N")]
    organization: Option<i64>,
    /// To one endpoint only, by its number, and not to `DOMAIN_EVENT_WEBHOOK_URL`
    #[arg(long, value_name = "N")]
    endpoint: Option<i64>,
    /// Only what did not arrive at the endpoints
    #[arg(long)]
    unmet: bool,
}

fn event(text: &str) -> Result<i64, String> {
    let number = text.strip_prefix("evt_").unwrap_or(text);
    number
        .parse()
        .map_err(|_not_a_number| "write the number of an event".to_owned())
}

impl Replay {
    pub(crate) async fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings::load(root)?;
        let system = SystemDb::connect(&settings.database, Clock::System).await?;
        let has_hook = settings.webhooks.operator_url.is_some();
        let by = actor();
        let organization = self.organization.map(OrganizationId::new);
        let endpoint = self.endpoint.map(WebhookEndpointId::new);
        if let Some(event) = self.event.map(EventId::new) {
            let sent =
                operators::replay_event(&system, &by, event, organization, endpoint, has_hook)
                    .await?;
            say(format_args!(
                "Event {event} goes to {} endpoints.",
                sent.deliveries
            ));
            if has_hook && endpoint.is_none() {
                tell_of_hook(sent);
            }
            return Ok(ExitCode::SUCCESS);
        }
        let now = Clock::System.now();
        let stretch = Stretch {
            from: self.from.unwrap_or(now),
            to: self.to.unwrap_or(now).min(now),
            organization,
            endpoint,
            only_unmet: self.unmet,
        };
        let begun = operators::replay_events(&system, &by, &stretch).await?;
        for organization in &begun {
            say(format_args!(
                "Organisation {organization}: its endpoints are sent that stretch again."
            ));
        }
        if begun.is_empty() {
            say("Nobody has an endpoint that is enabled.");
        }
        if has_hook && endpoint.is_none() {
            tell_of_hook(to_hook(&system, &by, &stretch).await?);
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn to_hook(system: &SystemDb, by: &Actor, stretch: &Stretch) -> anyhow::Result<Replayed> {
    let mut tx = system.begin().await?;
    let organizations = operators::organizations_with_events(&mut tx, stretch).await?;
    drop(tx);
    let mut all = Replayed::default();
    for organization in organizations {
        let sent = operators::replay_to_hook(system, by, stretch, organization).await?;
        all.to_hook += sent.to_hook;
        all.under_way += sent.under_way;
    }
    Ok(all)
}

fn tell_of_hook(sent: Replayed) {
    let Replayed {
        to_hook, under_way, ..
    } = sent;
    say(format_args!(
        "DOMAIN_EVENT_WEBHOOK_URL is told of {to_hook} events again; {under_way} were on their way already."
    ));
}
