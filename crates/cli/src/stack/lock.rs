//! One supervisor to a stack: the lock is held as long as its process lives, however it ends.
use anyhow::Context as _;
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// The lock, unless another process has it.
    pub(crate) fn take(path: &Path) -> anyhow::Result<Option<Self>> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .with_context(|| format!("opening {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("locking {}", path.display()))
            }
        }
    }

    /// Whether somebody has it now. A stack that was never there is held by nobody.
    pub(crate) fn is_held(path: &Path) -> anyhow::Result<bool> {
        if !path.exists() {
            return Ok(false);
        }
        Ok(Self::take(path)?.is_none())
    }
}
