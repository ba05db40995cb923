//! The mail server of the stack: it takes every letter, delivers none, and shows them in the browser.
use super::{
    account::Account,
    binaries,
    home::{self, Home},
    process::{Environment, Program},
    ready::Check,
};
use anyhow::{Context as _, bail};
use nix::sys::signal::Signal;
use std::{
    env,
    path::{Path, PathBuf},
    time::Duration,
};

/// Where its two sides listen, both on loopback.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) inbox: u16,
    pub(crate) smtp: u16,
}

impl Ports {
    /// What a browser opens.
    pub(crate) fn inbox_url(self) -> String {
        format!("http://localhost:{}", self.inbox)
    }
    /// What the dispatcher sends to.
    pub(crate) fn smtp_url(self) -> String {
        format!("smtp://127.0.0.1:{}", self.smtp)
    }
}

pub(crate) fn program(home: &Home, ports: Ports) -> anyhow::Result<Program> {
    let sink = find()?;
    let executable = node(&sink)?;
    let folder = home.data().join("mail");
    home::make_folder(&folder, 0o700)?;
    // As little as possible runs as root; but the account may not get to where the checkout is.
    let account = home
        .account()
        .filter(|account| reaches(account, &sink) && reaches(account, &executable))
        .cloned();
    if account.is_some() {
        home.give_to_servers(&folder)?;
    }
    let arguments = [
        sink.into_os_string(),
        "--ip".into(),
        "127.0.0.1".into(),
        "--smtp".into(),
        ports.smtp.to_string().into(),
        "--web".into(),
        ports.inbox.to_string().into(),
        "--mail-directory".into(),
        folder.clone().into_os_string(),
    ];
    Ok(Program {
        name: "mail".to_owned(),
        executable,
        arguments: arguments.into(),
        environment: Environment::Bare,
        account,
        folder,
        log: home.logs().join("mail.log"),
        stop: Signal::SIGTERM,
        grace: Duration::from_secs(5),
        address: format!("127.0.0.1:{}", ports.inbox),
        check: Check::Http {
            url: format!("http://127.0.0.1:{}/healthz", ports.inbox),
        },
    })
}

/// Says what is missing, before anything is started in vain.
pub(crate) fn check() -> anyhow::Result<()> {
    node(&find()?).map(|_| ())
}

fn reaches(account: &Account, file: &Path) -> bool {
    let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    real.parent()
        .is_some_and(|folder| account.can_reach(folder))
}

/// `deploy/mail-sink` of the project that this program was built in, or that we stand in.
fn find() -> anyhow::Result<PathBuf> {
    let me = env::current_exe().context("finding this program")?;
    let here = env::current_dir().context("finding the current folder")?;
    let project = me
        .ancestors()
        .chain(here.ancestors())
        .map(|folder| folder.join("deploy/mail-sink"))
        .find(|folder| folder.join("sink.cjs").is_file());
    let Some(folder) = project else {
        bail!(
            "the mail server of the local stack, deploy/mail-sink, is not here; set MAIL_SMTP_URL to use another"
        );
    };
    if !folder.join("node_modules/maildev").is_dir() {
        bail!(
            "{} is not installed; `make build` installs it",
            folder.display()
        );
    }
    Ok(folder.join("sink.cjs"))
}

/// The project's own Node, where `deploy/setup` had to bring one; else the system's.
fn node(sink: &Path) -> anyhow::Result<PathBuf> {
    let own = sink
        .ancestors()
        .nth(3)
        .map(|project| project.join(".local/node/node_modules/.bin/node"))
        .filter(|node| node.is_file());
    match own {
        Some(node) => Ok(node),
        None => binaries::need("node"),
    }
}
