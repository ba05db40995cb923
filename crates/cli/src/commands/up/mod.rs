//! `batchtrack up`: the whole stack on one machine, for a newcomer, a developer or a test.
mod announce;
mod detach;
mod start;

use crate::{
    say::say,
    stack::{
        environment,
        home::Home,
        leftovers,
        lock::Lock,
        signals::Signals,
        state::{self, State},
        supervise::Supervisor,
    },
};
use anyhow::bail;
use ipnet::IpNet;
use nix::{
    sys::resource::{Resource, getrlimit, setrlimit},
    unistd::setsid,
};
use std::{net::IpAddr, path::Path, process::ExitCode, str::FromStr};

#[derive(clap::Args)]
pub(crate) struct Up {
    /// Return once all is ready; the stack goes on in the background until `batchtrack down`
    #[arg(long)]
    detach: bool,
    /// Leave out the demo organisation
    #[arg(long)]
    no_seed: bool,
    /// Addresses to serve at; 0.0.0.0 is every one of this machine
    #[arg(
        long,
        env = "BATCHTRACK_BIND",
        value_delimiter = ',',
        default_value = "127.0.0.1,::1"
    )]
    bind: Vec<IpAddr>,
    /// Port for http; 0 takes any free one
    #[arg(long, env = "BATCHTRACK_HTTP_PORT", default_value_t = 8080)]
    http_port: u16,
    /// Port for https; 0 takes any free one
    #[arg(long, env = "BATCHTRACK_HTTPS_PORT", default_value_t = 8443)]
    https_port: u16,
    /// Port on loopback for the inbox that shows what would have been sent; 0 takes any free one
    #[arg(long, env = "BATCHTRACK_MAIL_PORT", default_value_t = 8025)]
    mail_port: u16,
    /// Port on loopback at which letters come in; 0 takes any free one
    #[arg(long, env = "BATCHTRACK_MAIL_SMTP_PORT", default_value_t = 1025)]
    mail_smtp_port: u16,
    /// How many web processes share the work
    #[arg(long, env = "BATCHTRACK_WEB_REPLICAS", default_value_t = 2,
          value_parser = clap::value_parser!(u16).range(1..=64))]
    web_replicas: u16,
    /// Addresses (CIDR, comma-separated) that no rate limit applies to; empty for none
    #[arg(long, env = "TRUSTED_CLIENTS", default_value = "127.0.0.0/8,::1/128")]
    trusted_clients: Networks,
    #[command(flatten)]
    given: Given,
    /// Set by `--detach` on the process that stays.
    #[arg(long, hide = true)]
    stays: bool,
}

/// What the environment brings along; the rest is made up.
#[derive(clap::Args)]
struct Given {
    /// The administrator's address of a database to use instead of a private one
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    #[arg(
        long,
        env = "DATABASE_INTERNAL_URL",
        hide_env_values = true,
        hide = true
    )]
    database_internal_url: Option<String>,
    /// With `--database-owner-url`: nothing is created, all three are used as they are
    #[arg(long, env = "DATABASE_SYSTEM_URL", hide_env_values = true)]
    database_system_url: Option<String>,
    #[arg(long, env = "DATABASE_OWNER_URL", hide_env_values = true)]
    database_owner_url: Option<String>,
    /// A Redis to use instead of a private one
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,
    /// A mail server to send by; without one letters end in an inbox of the stack
    #[arg(long, env = "MAIL_SMTP_URL", hide_env_values = true)]
    mail_smtp_url: Option<String>,
    /// Whether whoever signs up must prove their address: required or off [default: off while letters end in
    /// the inbox of the stack]
    #[arg(long, env = "AUTH_EMAIL_VERIFICATION_MODE")]
    email_verification: Option<String>,
    /// How people reach it [default: localhost with the http port]
    #[arg(long, env = "APP_BASE_URL")]
    base_url: Option<String>,
    #[arg(long, env = "APP_SECRET_KEY", hide_env_values = true, hide = true)]
    secret_key: Option<String>,
}

/// A list that may be empty.
#[derive(Clone)]
struct Networks(Vec<IpNet>);

impl FromStr for Networks {
    type Err = ipnet::AddrParseError;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let parts = list.split(',').map(str::trim);
        let networks = parts.filter(|part| !part.is_empty()).map(str::parse);
        networks.collect::<Result<_, _>>().map(Self)
    }
}

impl Up {
    pub(crate) async fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        if self.detach {
            return detach::start(root).await;
        }
        if self.stays {
            // Away from the terminal: it may be closed, and its Ctrl-C is not meant for us.
            setsid()?;
        }
        let mut signals = Signals::listen()?;
        let home = Home::open(root)?;
        let Some(_lock) = Lock::take(&state::lock_path(home.root()))? else {
            bail!("{}", already(&home)?);
        };
        if leftovers::stop(home.root()).await? > 0 {
            say("Stopped what an unclean end had left running.");
        }
        take_all_files_allowed();
        let outcome = self.live(&home, &mut signals).await;
        environment::remove(home.root());
        outcome
    }

    /// From the first process to the last.
    async fn live(&self, home: &Home, signals: &mut Signals) -> anyhow::Result<ExitCode> {
        let plan = start::plan(self, home)?;
        let mut supervisor = Supervisor::new(home, plan.urls.clone())?;
        let started = tokio::select! {
            started = start::start(self, &plan, home, &mut supervisor) => started.map(Some),
            () = signals.stop() => Ok(None),
        };
        let outcome = match started {
            Ok(Some(sign_in)) => {
                announce::ready(&plan, home, sign_in.as_ref());
                supervisor.watch(signals).await
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if outcome.is_ok() {
            say("Stopping.");
        }
        supervisor.stop(signals).await;
        outcome.map(|()| ExitCode::SUCCESS)
    }
}

fn already(home: &Home) -> anyhow::Result<String> {
    let state = State::read(home.root())?;
    Ok(match state.filter(|state| state.ready) {
        Some(state) => format!(
            "it already runs here: {} (process {}). `batchtrack down` stops it.",
            state.addresses.join(" and "),
            state.supervisor.pid
        ),
        None => "it is just starting or stopping here; `batchtrack status` tells more.".to_owned(),
    })
}

/// Each client of nginx and of a replica takes a file; what we may open, our processes may.
fn take_all_files_allowed() {
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // Fewer will do as well, for fewer clients.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}
