//! PostgreSQL refuses to run as root, so as root the servers run under another account.
use anyhow::{Context as _, bail};
use nix::unistd::{Uid, User};
use std::{
    fs::Metadata,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

/// An unprivileged account of this machine.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Account {
    /// The account the servers run under; none when we have no privileges to drop.
    pub(crate) fn for_servers() -> anyhow::Result<Option<Self>> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let Some(user) = User::from_name(name).context("reading the list of accounts")? {
                return Ok(Some(Self {
                    name: user.name,
                    uid: user.uid.as_raw(),
                    gid: user.gid.as_raw(),
                }));
            }
        }
        bail!(
            "PostgreSQL does not run as root, and there is neither an account `postgres` nor `nobody` to run it under"
        );
    }

    /// Whether this account can walk down to `folder`: one closed parent is enough to shut it out.
    pub(crate) fn can_reach(&self, folder: &Path) -> bool {
        folder
            .ancestors()
            .filter_map(|part| part.metadata().ok())
            .all(|part| self.may_enter(&part))
    }

    fn may_enter(&self, folder: &Metadata) -> bool {
        let needed = if folder.uid() == self.uid {
            0o100
        } else if folder.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        folder.permissions().mode() & needed != 0
    }
}
