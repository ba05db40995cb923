//! `batchtrack organizations …`: who works here, whose plan it is, and whether they may.
use super::settings;
use crate::{actor::actor, say::say};
use anyhow::{Context as _, bail};
use batchtrack_core::{
    kernel::{Clock, ids::OrganizationId},
    operators::{self, OperatorError, OrganizationCard},
    platform::SystemDb,
    tiers,
};
use std::{path::Path, process::ExitCode};

const AT_A_TIME: u16 = 500;

#[derive(clap::Subcommand)]
pub(crate) enum Organizations {
    /// Print them, by number
    List {
        /// A number, a member's address, or part of a name
        #[arg(long)]
        search: Option<String>,
    },
    /// Print what is known of one
    Show { id: OrganizationId },
    /// Give one another plan, by its key
    SetTier { id: OrganizationId, tier: String },
    /// Close one for a while; its members are told the reason
    Suspend {
        id: OrganizationId,
        #[arg(long)]
        reason: String,
    },
    /// Open one again
    Activate { id: OrganizationId },
}

impl Organizations {
    pub(crate) async fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings::load(root)?;
        let system = SystemDb::connect(&settings.database, Clock::System).await?;
        match self {
            Self::List { search } => list(&system, search.as_deref()).await?,
            Self::Show { id } => show(&system, id).await?,
            Self::SetTier { id, tier } => {
                match operators::set_tier(&system, &actor(), id, &tier).await {
                    Err(OperatorError::NoTier) => bail!(
                        "there is no plan “{tier}”; there are {}",
                        keys(&system).await?
                    ),
                    done => done?,
                }
                say(format_args!("Organisation {id} has the plan {tier}."));
            }
            Self::Suspend { id, reason } => {
                operators::suspend(&system, &actor(), id, &reason).await?;
                say(format_args!("Organisation {id} is suspended."));
            }
            Self::Activate { id } => {
                operators::activate(&system, &actor(), id).await?;
                say(format_args!("Organisation {id} is open."));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(system: &SystemDb, search: Option<&str>) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let mut tx = system.begin().await?;
        let page = operators::organizations(&mut tx, search, after.as_ref(), AT_A_TIME).await?;
        drop(tx);
        if after.is_none() && page.rows.is_empty() {
            say("There is none.");
        }
        for card in &page.rows {
            say(line(card));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

/// `7  Soap & Sons  team  3 members  open  ana@example.com`
fn line(card: &OrganizationCard) -> String {
    let state = if card.is_active { "open" } else { "suspended" };
    let owner = card.owner.as_deref().unwrap_or("nobody");
    format!(
        "{}  {}  {}  {} members  {state}  {owner}",
        card.id, card.name, card.tier, card.active_members
    )
}

async fn show(system: &SystemDb, id: OrganizationId) -> anyhow::Result<()> {
    let mut tx = system.begin().await?;
    let card = operators::organization(&mut tx, id).await?;
    let card = card.with_context(|| format!("there is no organisation {id}"))?;
    say(line(&card));
    if let Some(why) = &card.suspended_for {
        say(format_args!("Suspended: {why}"));
    }
    for flag in operators::flags(&mut tx, Some(id)).await? {
        let is_on = flag.of_organization.unwrap_or(flag.is_on);
        let word = if is_on { "on" } else { "off" };
        say(format_args!("Feature {}: {word}", flag.key));
    }
    let done = operators::audit_of(&mut tx, Some(id), None, 20).await?;
    for entry in done.rows {
        let reason = entry.reason.map(|why| format!(" ({why})"));
        say(format_args!(
            "{}  {}  {}  {}{}",
            entry.at.format("%Y-%m-%d %H:%M"),
            entry.act,
            entry.subject,
            entry.actor,
            reason.unwrap_or_default()
        ));
    }
    Ok(())
}

/// What the plans are called, for somebody who named none of them.
async fn keys(system: &SystemDb) -> anyhow::Result<String> {
    let mut tx = system.begin().await?;
    let tiers = tiers::catalogue_for_system(&mut tx).await?;
    let keys: Vec<_> = tiers.into_iter().map(|tier| tier.key).collect();
    Ok(keys.join(", "))
}
