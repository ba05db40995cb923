//! `batchtrack down`: stops the stack of this project.
use crate::{
    say::say,
    stack::{
        environment, leftovers,
        lock::Lock,
        state::{self, State},
    },
};
use anyhow::bail;
use nix::sys::signal::Signal;
use std::{path::Path, process::ExitCode, time::Duration};
use tokio::time::{self, Instant};

#[derive(clap::Args)]
pub(crate) struct Down {}

/// Longer than the slowest orderly stop: every step of one has a limit of its own.
const PATIENCE: Duration = Duration::from_secs(150);

impl Down {
    pub(crate) async fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        let path = state::lock_path(root);
        if !path.exists() {
            say(format_args!("Nothing runs in {}.", root.display()));
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(_lock) = Lock::take(&path)? {
            let stopped = leftovers::stop(root).await?;
            environment::remove(root);
            match stopped {
                0 => say(format_args!("Nothing runs in {}.", root.display())),
                some => say(format_args!(
                    "Stopped {some} processes that an unclean end had left."
                )),
            }
            return Ok(ExitCode::SUCCESS);
        }
        let Some(state) = State::read(root)? else {
            bail!(
                "the stack in {} is just starting or stopping; try again in a moment",
                root.display()
            );
        };
        state.supervisor.signal(Signal::SIGTERM);
        let deadline = Instant::now() + PATIENCE;
        while Lock::is_held(&path)? {
            if Instant::now() > deadline {
                bail!("process {} does not stop", state.supervisor.pid);
            }
            time::sleep(Duration::from_millis(50)).await;
        }
        say("Stopped.");
        Ok(ExitCode::SUCCESS)
    }
}
