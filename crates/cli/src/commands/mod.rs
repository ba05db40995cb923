//! What an operator can ask for.
mod config;
mod dispatch;
mod down;
mod jobs;
mod mail;
mod migrate;
mod moment;
mod organizations;
mod replay;
mod settings;
mod status;
mod up;
mod users;
mod verify;
mod with_servers;

use crate::stack::home;
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

#[derive(Parser)]
#[command(
    name = "batchtrack",
    version,
    about = "Runs and looks after a BatchTrack installation."
)]
pub(crate) struct Cli {
    /// Where the private stack lives [default: .local in the project's folder]
    #[arg(long, global = true, env = "BATCHTRACK_HOME", value_name = "FOLDER")]
    home: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the whole local stack and look after it until Ctrl-C
    Up(Box<up::Up>),
    /// Stop the local stack of this project
    Down(down::Down),
    /// Say what runs, where, and whether it is well
    Status(status::Status),
    /// Bring the tables of the database up to date
    Migrate(migrate::Migrate),
    /// Prove that every balance follows from its movements; exit code 1 if one does not
    Verify(verify::Verify),
    /// Pass on the events and do the jobs that are due now; exit code 1 if anything failed
    Dispatch(dispatch::Dispatch),
    /// Send events again, to webhooks and to `DOMAIN_EVENT_WEBHOOK_URL`
    Replay(replay::Replay),
    /// Look at jobs, and decide about those that failed too often
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Say who runs this installation
    #[command(subcommand)]
    Users(users::Users),
    /// Look at organisations, give them other plans, close and open them
    #[command(subcommand)]
    Organizations(organizations::Organizations),
    /// Look after letters
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Look at the settings
    #[command(subcommand)]
    Config(config::Config),
    /// Run a command with a throw-away PostgreSQL and Redis
    WithServers(with_servers::WithServers),
}

impl Cli {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let home = home::folder(self.home)?;
        match self.command {
            Command::Up(up) => up.run(&home).await,
            Command::Down(down) => down.run(&home).await,
            Command::Status(status) => status.run(&home).await,
            Command::Migrate(migrate) => migrate.run(&home).await,
            Command::Verify(verify) => verify.run(&home).await,
            Command::Dispatch(dispatch) => dispatch.run(&home),
            Command::Replay(replay) => replay.run(&home).await,
            Command::Jobs(jobs) => jobs.run(&home).await,
            Command::Users(users) => users.run(&home).await,
            Command::Organizations(organizations) => organizations.run(&home).await,
            Command::Mail(mail) => mail.run(&home).await,
            Command::Config(config) => config.run(&home),
            Command::WithServers(with) => with.run(&home).await,
        }
    }
}
