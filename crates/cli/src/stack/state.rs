//! What runs now, written down for `status`, for `down`, and for a start after an unclean end.
use super::{keyfile, process::Identity};
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) supervisor: Identity,
    pub(crate) ready: bool,
    /// Where people reach it: http first, then https.
    pub(crate) addresses: Vec<String>,
    /// Folders in which only processes of this stack work.
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) processes: Vec<Recorded>,
    /// Those that ended and are about to be started again.
    #[serde(default)]
    pub(crate) ended: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) name: String,
    pub(crate) identity: Identity,
    /// The name of the signal that asks it to stop.
    pub(crate) stop: String,
    pub(crate) address: String,
    /// The page that tells whether it is well; without one, its port does.
    pub(crate) health: Option<String>,
}

pub(crate) fn lock_path(root: &Path) -> PathBuf {
    root.join("run/lock")
}

fn path(root: &Path) -> PathBuf {
    root.join("run/stack.json")
}

impl State {
    pub(crate) fn read(root: &Path) -> anyhow::Result<Option<Self>> {
        let path = path(root);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        let state =
            serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
        Ok(Some(state))
    }

    pub(crate) fn write(&self, root: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        keyfile::write_private(&path(root), &text)
    }

    pub(crate) fn remove(root: &Path) {
        // If it is gone already, that is what was wanted.
        let _ = fs::remove_file(path(root));
    }
}
