//! `batchtrack users operator …`: who runs this installation. Only the owner of the tables may say so.
use super::settings;
use crate::{actor::actor, say::say};
use anyhow::Context as _;
use batchtrack_core::{
    kernel::{Clock, text::Email},
    operators::{self, Appointed},
};
use secrecy::ExposeSecret as _;
use std::{path::Path, process::ExitCode};

#[derive(clap::Subcommand)]
pub(crate) enum Users {
    /// Operators see the queues and decide about dead jobs; they see nobody's stock
    #[command(subcommand)]
    Operator(Operator),
}

#[derive(clap::Subcommand)]
pub(crate) enum Operator {
    /// Make somebody an operator
    Add { email: String },
    /// End that
    Remove { email: String },
}

impl Users {
    pub(crate) async fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        let Self::Operator(operator) = self;
        let (email, is_operator) = match operator {
            Operator::Add { email } => (email, true),
            Operator::Remove { email } => (email, false),
        };
        let email: Email = email
            .parse()
            .with_context(|| format!("“{email}” is no address"))?;
        let settings = settings::load(root)?;
        let owner = settings.database.owner_url.as_ref().context(
            "DATABASE_OWNER_URL is not set: only the owner of the tables may say who is an operator",
        )?;
        let url = owner.expose_secret();
        let done = operators::appoint(url, &Clock::System, &actor(), &email, is_operator).await?;
        let address = email.as_str();
        say(match (is_operator, done) {
            (true, Appointed::Changed) => format!("{address} is an operator now."),
            (true, Appointed::AsBefore) => format!("{address} is an operator already."),
            (false, Appointed::Changed) => format!("{address} is no operator any more."),
            (false, Appointed::AsBefore) => format!("{address} is no operator."),
        });
        Ok(ExitCode::SUCCESS)
    }
}
