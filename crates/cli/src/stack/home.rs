//! Where the private stack keeps its state: `.local` in the project's folder.
use super::{account::Account, keyfile};
use crate::say::say;
use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use std::{
    env, fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
};

/// The folder of the stack: the one asked for, or `.local` of the project we stand in.
pub(crate) fn folder(asked_for: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let here = env::current_dir().context("finding the current folder")?;
    if let Some(folder) = asked_for {
        return Ok(here.join(folder));
    }
    let project = here
        .ancestors()
        .find(|folder| folder.join("crates/cli/Cargo.toml").is_file());
    Ok(project.unwrap_or(&here).join(".local"))
}

/// The folders of one stack.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    root: PathBuf,
    data: PathBuf,
    account: Option<Account>,
}

impl Home {
    /// Makes the folders, if they are not there yet.
    pub(crate) fn open(root: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("making {}", root.display()))?;
        let root = root
            .canonicalize()
            .with_context(|| format!("finding {}", root.display()))?;
        fs::set_permissions(&root, fs::Permissions::from_mode(0o711))
            .with_context(|| format!("opening {}", root.display()))?;
        let account = Account::for_servers()?;
        let data = data_folder(&root, account.as_ref())?;
        let home = Self {
            root,
            data,
            account,
        };
        make_folder(&home.logs(), 0o755)?;
        make_folder(&home.run(), 0o755)?;
        Ok(home)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What the servers write; elsewhere than `root` when their account cannot get there.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    /// A stack inside this one, with folders of its own.
    pub(crate) fn inside(&self, name: &str) -> anyhow::Result<Self> {
        let home = Self {
            root: self.root.join(name),
            data: self.data.join(name),
            account: self.account.clone(),
        };
        for folder in [&home.root, &home.data] {
            make_folder(folder, 0o711)?;
        }
        make_folder(&home.logs(), 0o755)?;
        make_folder(&home.run(), 0o755)?;
        Ok(home)
    }

    /// Makes a folder or a file one in which only the servers' account reads and writes.
    pub(crate) fn give_to_servers(&self, path: &Path) -> anyhow::Result<()> {
        let Some(account) = &self.account else {
            return Ok(());
        };
        let give = || {
            if path.metadata()?.uid() == account.uid {
                return Ok(());
            }
            chown(path, Some(account.uid), Some(account.gid))
        };
        give().with_context(|| format!("giving {} to {}", path.display(), account.name))
    }
}

/// Makes a folder that is ours.
pub(crate) fn make_folder(folder: &Path, mode: u32) -> anyhow::Result<()> {
    let make = || {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(mode))
    };
    make().with_context(|| format!("making {}", folder.display()))
}

/// Where the servers of the stack at `root` keep their data.
///
/// A checkout under `/root`, say, is closed to the unprivileged account. Rather than opening other
/// people's folders we go elsewhere, and leave a note, so that the data is found again whatever
/// happens to the permissions later.
fn data_folder(root: &Path, account: Option<&Account>) -> anyhow::Result<PathBuf> {
    let digest = Sha256::digest(root.as_os_str().as_encoded_bytes());
    let short: String = hex::encode(digest).chars().take(12).collect();
    let elsewhere = PathBuf::from(format!("/var/lib/batchtrack-{short}"));
    let note = root.join("data-folder");
    // A note that names another folder came here with a copy of another checkout.
    let noted = fs::read_to_string(&note).is_ok_and(|noted| Path::new(noted.trim()) == elsewhere);
    let shut_out = account.filter(|account| !account.can_reach(root));
    if !noted && shut_out.is_none() {
        return Ok(root.to_owned());
    }
    fs::create_dir_all(&elsewhere).with_context(|| format!("making {}", elsewhere.display()))?;
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o711))
        .with_context(|| format!("opening {}", elsewhere.display()))?;
    if let Some(account) = shut_out.filter(|_| !noted) {
        keyfile::write_private(&note, &format!("{}\n", elsewhere.display()))?;
        say(format_args!(
            "The account `{}` cannot reach {}; the servers keep their data in {}.",
            account.name,
            root.display(),
            elsewhere.display()
        ));
    }
    Ok(elsewhere)
}
