//! `batchtrack migrate`: brings the tables up to date, as their owner.
use super::settings;
use crate::say::say;
use anyhow::Context as _;
use batchtrack_core::{catalog, platform::migrate};
use secrecy::ExposeSecret as _;
use std::{path::Path, process::ExitCode};

#[derive(clap::Args)]
pub(crate) struct Migrate {}

impl Migrate {
    pub(crate) async fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings::load(root)?;
        let owner = settings.database.owner_url.as_ref();
        let owner = owner.context(
            "DATABASE_OWNER_URL is not set: only the owner of the tables may change them",
        )?;
        let done = migrate::run(owner.expose_secret()).await?;
        for name in &done {
            say(name);
        }
        let filled = catalog::fill(owner.expose_secret()).await?;
        let brought = filled.categories + filled.entries;
        if brought > 0 {
            say(format!(
                "The shared library: {brought} entries are new or changed."
            ));
        } else if done.is_empty() {
            say("Nothing to do: the tables are up to date.");
        }
        Ok(ExitCode::SUCCESS)
    }
}
