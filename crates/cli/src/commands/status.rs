//! `batchtrack status`: a line for each process. Exit code 1 unless all is well.
use crate::{
    say::say,
    stack::{
        lock::Lock,
        ready,
        state::{self, Recorded, State},
    },
};
use std::{path::Path, process::ExitCode};

#[derive(clap::Args)]
pub(crate) struct Status {}

impl Status {
    pub(crate) async fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        let running = Lock::is_held(&state::lock_path(root))?;
        let state = State::read(root)?;
        let Some(state) = state.filter(|_| running) else {
            say(format_args!("Nothing runs in {}.", root.display()));
            return Ok(ExitCode::FAILURE);
        };
        if state.ready {
            say(state.addresses.join("   "));
        } else {
            say("The stack is starting.");
        }
        let client = ready::client()?;
        let mut all_well = state.ready;
        for process in &state.processes {
            let well = is_well(process, &client).await;
            all_well &= well;
            say(format_args!(
                "{:<14} pid {:<8} {:<24} {}",
                process.name,
                process.identity.pid,
                process.address,
                if well { "well" } else { "NOT ANSWERING" }
            ));
        }
        for name in &state.ended {
            all_well = false;
            say(format_args!("{name:<14} ended; about to be started again"));
        }
        Ok(if all_well {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

async fn is_well(process: &Recorded, client: &reqwest::Client) -> bool {
    if !process.identity.is_alive() {
        return false;
    }
    match &process.health {
        Some(url) => ready::page_answers(client, url).await,
        None => ready::port_answers(&process.address).await,
    }
}
