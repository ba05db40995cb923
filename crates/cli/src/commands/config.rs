//! `batchtrack config check`: what the settings come to, and whether the database has room for it.
use super::settings;
use crate::say::say;
use batchtrack_core::platform::Settings;
use std::{path::Path, process::ExitCode};

#[derive(clap::Subcommand)]
pub(crate) enum Config {
    /// Print the settings that result, secrets left out, and the connection arithmetic
    Check(Check),
}

#[derive(clap::Args)]
pub(crate) struct Check {
    /// Web replicas that share the database
    #[arg(long, env = "BATCHTRACK_WEB_REPLICAS", default_value_t = 2)]
    web_replicas: u32,
    /// Dispatchers that share it
    #[arg(long, default_value_t = 1)]
    dispatchers: u32,
    /// What the server allows (`max_connections`)
    #[arg(long, default_value_t = 200)]
    max_connections: u32,
}

/// Of the server's connections, what PostgreSQL keeps for superusers, and room for an operator.
const RESERVED: u32 = 5;

impl Config {
    pub(crate) fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        let Self::Check(check) = self;
        let settings = settings::load(root)?;
        for line in settings.describe() {
            say(line);
        }
        Ok(check.arithmetic(&settings))
    }
}

impl Check {
    fn arithmetic(&self, settings: &Settings) -> ExitCode {
        let app = settings.database.pool_size.get();
        let system = settings.database.system_pool_size.get();
        let web = self.web_replicas.saturating_mul(app.saturating_add(system));
        let dispatchers = self.dispatchers.saturating_mul(system);
        // The billing-cache follows as the system role too.
        let all = web
            .saturating_add(dispatchers)
            .saturating_add(system)
            .saturating_add(RESERVED);
        say(format_args!(
            "\nConnections: {} web x ({app} app + {system} system) + {} dispatcher x {system} + billing-cache {system} + {RESERVED} kept = {all} of {}",
            self.web_replicas, self.dispatchers, self.max_connections
        ));
        if all > self.max_connections {
            say(
                "That is more than the server allows: lower DATABASE_POOL_SIZE, run fewer replicas, or put PgBouncer between.",
            );
            return ExitCode::FAILURE;
        }
        say("The settings are sound.");
        ExitCode::SUCCESS
    }
}
