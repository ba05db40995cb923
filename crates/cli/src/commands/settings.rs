//! The settings of a command: its environment, and for what that leaves open the running stack's.
use crate::stack::environment;
use anyhow::Context as _;
use batchtrack_core::platform::config::{self, Settings};
use std::path::Path;

pub(super) fn load(root: &Path) -> anyhow::Result<Settings> {
    let overlay = environment::read(root)?;
    config::load_with(&overlay).with_context(|| {
        if overlay.is_empty() {
            format!(
                "no stack runs in {}, and the environment alone does not do",
                root.display()
            )
        } else {
            format!("reading the settings of the stack in {}", root.display())
        }
    })
}
