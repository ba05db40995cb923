//! `batchtrack mail suppressions …`: addresses that a mail server has refused for good.
use super::settings;
use crate::{actor::actor, say::say};
use batchtrack_core::{
    kernel::Clock,
    mail::{self, Suppression},
    operators,
    platform::SystemDb,
};
use std::{path::Path, process::ExitCode};

const AT_A_TIME: i64 = 500;

#[derive(clap::Subcommand)]
pub(crate) enum Mail {
    /// Addresses that nothing is sent to any more, since a server refused them for good
    #[command(subcommand)]
    Suppressions(Suppressions),
}

#[derive(clap::Subcommand)]
pub(crate) enum Suppressions {
    /// Print them, and what the server said
    List,
    /// Send to an address again
    Lift { address: String },
}

impl Mail {
    pub(crate) async fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        let Self::Suppressions(suppressions) = self;
        let settings = settings::load(root)?;
        let system = SystemDb::connect(&settings.database, Clock::System).await?;
        match suppressions {
            Suppressions::List => list(&system).await?,
            Suppressions::Lift { address } => {
                operators::lift_suppression(&system, &actor(), &address).await?;
                say(format_args!("Letters go to {address} again."));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(system: &SystemDb) -> anyhow::Result<()> {
    let mut after: Option<String> = None;
    loop {
        let mut tx = system.begin().await?;
        let behind = after.as_deref().unwrap_or_default();
        let some = mail::suppressions(&mut tx, behind, AT_A_TIME).await?;
        drop(tx);
        let Some(last) = some.last() else {
            if after.is_none() {
                say("No address is suppressed.");
            }
            return Ok(());
        };
        after = Some(last.address.clone());
        for Suppression {
            address,
            said,
            since,
        } in &some
        {
            say(format_args!(
                "{address}  since {}  {said}",
                since.format("%Y-%m-%d %H:%M")
            ));
        }
    }
}
