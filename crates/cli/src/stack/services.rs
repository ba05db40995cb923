//! Our own processes, found next to the running command.
use super::{
    home::Home,
    keyfile::Keys,
    process::{Environment, Program},
    ready::Check,
};
use anyhow::{Context as _, bail};
use batchtrack_core::platform::config;
use nix::sys::signal::Signal;
use std::{env, path::PathBuf, process::Command, time::Duration};

/// Longer than a service gives its requests, so that it ends by itself.
const GRACE: Duration = Duration::from_secs(30);

/// Variables that say how to run the stack, or open doors that a service has no business at.
const NOT_FOR_SERVICES: [&str; 11] = [
    "BATCHTRACK_BIND",
    "BATCHTRACK_HOME",
    "BATCHTRACK_HTTP_PORT",
    "BATCHTRACK_HTTPS_PORT",
    "BATCHTRACK_MAIL_PORT",
    "BATCHTRACK_MAIL_SMTP_PORT",
    "BATCHTRACK_WEB_REPLICAS",
    "DATABASE_INTERNAL_URL",
    "DATABASE_OWNER_URL",
    "TEST_DATABASE_URL",
    "TEST_REDIS_URL",
];

pub(crate) const WEB: &str = "batchtrack-web";
pub(crate) const DISPATCHER: &str = "batchtrack-dispatcher";
pub(crate) const BILLING_CACHE: &str = "batchtrack-billing-cache";

/// Says which service is missing, before anything is started in vain.
pub(crate) fn check() -> anyhow::Result<()> {
    for package in [WEB, DISPATCHER, BILLING_CACHE] {
        find(package)?;
    }
    Ok(())
}

/// A service by its package, under the name that this stack gives it.
pub(crate) fn program(
    home: &Home,
    package: &str,
    name: &str,
    port: u16,
    settings: &[(String, String)],
) -> anyhow::Result<Program> {
    let address = format!("127.0.0.1:{port}");
    let own = [
        ("HTTP_HOST", "127.0.0.1".to_owned()),
        ("HTTP_PORT", port.to_string()),
    ];
    let own = own.map(|(key, value)| (key.to_owned(), value));
    Ok(Program {
        name: name.to_owned(),
        executable: find(package)?,
        arguments: Vec::new(),
        environment: Environment::Ours {
            set: settings.iter().cloned().chain(own).collect(),
            unset: NOT_FOR_SERVICES.to_vec(),
        },
        account: None,
        folder: home.root().to_owned(),
        log: home.logs().join(format!("{name}.log")),
        stop: Signal::SIGTERM,
        grace: GRACE,
        check: Check::Http {
            url: format!("http://{address}/readyz"),
        },
        address,
    })
}

/// The settings that a service finds in the environment of this command.
pub(crate) fn inherited() -> Keys {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, value)| config::is_setting(name) && !value.is_empty())
        .filter(|(name, _)| !NOT_FOR_SERVICES.contains(&name.as_str()))
        .collect()
}

/// A service that is sent on an errand and ends, with what it needs of the running stack.
pub(crate) fn errand(package: &str, errand: &str, stack: &Keys) -> anyhow::Result<Command> {
    let mut command = Command::new(find(package)?);
    command.arg(errand).envs(stack).envs(inherited());
    for name in NOT_FOR_SERVICES {
        command.env_remove(name);
    }
    Ok(command)
}

fn find(package: &str) -> anyhow::Result<PathBuf> {
    let me = env::current_exe().context("finding this program")?;
    let beside = me.with_file_name(package);
    if !beside.is_file() {
        bail!("{} is missing; `make build` makes it", beside.display());
    }
    Ok(beside)
}
