//! `batchtrack migrate`: brings the tables up to date, as their owner.
use super::settings;
use crate::say::say;
use anyhow::Context as _;
use batchtrack_core::platform::migrate;
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
        if done.is_empty() {
            say("Nothing to do: the tables are up to date.");
        }
        Ok(ExitCode::SUCCESS)
    }
}
