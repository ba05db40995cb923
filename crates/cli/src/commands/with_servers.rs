//! `batchtrack with-servers -- CMD`: a PostgreSQL and a Redis for tests, for as long as CMD runs.
//!
//! Several may run at once: each takes a slot, a folder with a lock, and starts on what the last one
//! left there. Servers given by `TEST_DATABASE_URL` and `TEST_REDIS_URL` are used instead.
use crate::stack::{
    home::Home,
    leftovers,
    lock::Lock,
    ports::Ports,
    postgres::{self, Purpose},
    redis,
    secrets::Secrets,
    signals::Signals,
    state,
    supervise::Supervisor,
};
use anyhow::{Context as _, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    ffi::OsString, net::Ipv4Addr, os::unix::process::ExitStatusExt as _, path::Path,
    process::ExitCode, time::Duration,
};
use tokio::process::{Child, Command};

const SLOTS: usize = 32;
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(clap::Args)]
pub(crate) struct WithServers {
    /// A PostgreSQL to use instead of a private one: its superuser's address
    #[arg(
        long,
        env = "TEST_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    database_url: Option<String>,
    /// A Redis to use instead of a private one
    #[arg(
        long,
        env = "TEST_REDIS_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    redis_url: Option<String>,
    /// With the settings of `make run` instead of those of tests, which wait for no disk: for measurements
    #[arg(long)]
    durable: bool,
    /// The command and its arguments
    #[arg(required = true, last = true, value_name = "CMD")]
    command: Vec<OsString>,
}

impl WithServers {
    pub(crate) async fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        let mut signals = Signals::listen()?;
        let home = Home::open(root)?;
        let (home, _lock) = free_slot(&home)?;
        leftovers::stop(home.root()).await?;
        let mut servers = Supervisor::new(&home, Vec::new())?;
        let outcome = self.with(&mut servers, &home, &mut signals).await;
        servers.stop(&mut signals).await;
        outcome
    }

    async fn with(
        &self,
        servers: &mut Supervisor,
        home: &Home,
        signals: &mut Signals,
    ) -> anyhow::Result<ExitCode> {
        let secrets = Secrets::load(home)?;
        let mut ports = Ports::default();
        let loopback = [Ipv4Addr::LOCALHOST.into()];
        let purpose = if self.durable {
            Purpose::Measure
        } else {
            Purpose::ThrowAway
        };
        let database_url = if let Some(given) = &self.database_url {
            given.clone()
        } else {
            let port = ports.free(&loopback)?;
            servers.start(postgres::program(home, port, &secrets.postgres, purpose)?)?;
            postgres::superuser_url(port, &secrets.postgres, "postgres")
        };
        let redis_url = if let Some(given) = &self.redis_url {
            given.clone()
        } else {
            let port = ports.free(&loopback)?;
            servers.start(redis::program(home, port, &secrets.redis, purpose)?)?;
            redis::url(port, &secrets.redis)
        };
        tokio::select! {
            ready = servers.until_ready(PATIENCE) => ready?,
            () = signals.stop() => bail!("interrupted"),
        }
        let Some((program, arguments)) = self.command.split_first() else {
            bail!("no command was given");
        };
        let child = Command::new(program)
            .args(arguments)
            .env("TEST_DATABASE_URL", database_url)
            .env("TEST_REDIS_URL", redis_url)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        until_it_ends(child, signals).await
    }
}

/// The command's own exit code, or what a shell would make of the signal that ended it.
async fn until_it_ends(mut child: Child, signals: &mut Signals) -> anyhow::Result<ExitCode> {
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
    loop {
        let status = tokio::select! {
            status = child.wait() => status.context("waiting for the command")?,
            () = signals.stop() => {
                // Ctrl-C reached it as well, which is in our group; other signals may have come to us alone.
                if let Some(pid) = pid {
                    let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
                }
                continue;
            }
        };
        let code = status
            .code()
            .or_else(|| Some(128 + status.signal()?))
            .unwrap_or(1);
        return Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)));
    }
}

fn free_slot(home: &Home) -> anyhow::Result<(Home, Lock)> {
    for number in 0..SLOTS {
        let slot = home.inside(&format!("test/{number}"))?;
        if let Some(lock) = Lock::take(&state::lock_path(slot.root()))? {
            return Ok((slot, lock));
        }
    }
    bail!(
        "{SLOTS} runs are under way in {} already",
        home.root().display()
    );
}
