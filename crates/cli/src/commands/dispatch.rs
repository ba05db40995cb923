//! `batchtrack dispatch --once`: passes on what waits and does the work that is due, then ends.
use crate::stack::{environment, services};
use anyhow::Context as _;
use std::{path::Path, process::ExitCode};

#[derive(clap::Args)]
pub(crate) struct Dispatch {
    /// End when nothing is due any more
    #[arg(long, required = true)]
    once: bool,
}

impl Dispatch {
    pub(crate) fn run(self, root: &Path) -> anyhow::Result<ExitCode> {
        debug_assert!(self.once, "it is required");
        // Says what is missing before another process would.
        super::settings::load(root)?;
        let stack = environment::read(root)?;
        let mut dispatcher = services::errand(services::DISPATCHER, "once", &stack)?;
        let status = dispatcher.status().context("starting the dispatcher")?;
        Ok(if status.success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
