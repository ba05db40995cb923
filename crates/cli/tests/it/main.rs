//! The command as its users meet it: a process, its output and its exit code.
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on should stop where it is"
)]

mod nothing_runs;
mod with_servers;

use std::{path::PathBuf, process::Command};

/// A folder of its own for each test, removed with the value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("batchtrack-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// The command, in this folder, with nothing in its environment that tests are run with.
    fn batchtrack(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_batchtrack"));
        command.current_dir(&self.0).env("BATCHTRACK_HOME", &self.0);
        for name in [
            "TEST_DATABASE_URL",
            "TEST_REDIS_URL",
            "DATABASE_URL",
            "REDIS_URL",
        ] {
            command.env_remove(name);
        }
        command
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be removed is left to the system's own cleaning of its temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
