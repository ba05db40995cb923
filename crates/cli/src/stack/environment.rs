//! The environment of the running stack, for every other command of this project.
use super::keyfile::{self, Keys};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn path(root: &Path) -> PathBuf {
    root.join("env")
}

/// Settings of the stack that runs here; none while none runs. Variables that are set win over them.
pub(crate) fn read(root: &Path) -> anyhow::Result<Keys> {
    keyfile::read(&path(root))
}

pub(crate) fn write(root: &Path, keys: &Keys) -> anyhow::Result<()> {
    keyfile::write(&path(root), keys)
}

pub(crate) fn remove(root: &Path) {
    // If it is gone already, that is what was wanted.
    let _ = fs::remove_file(path(root));
}
