//! A private Redis. It evicts nothing: sessions and caches share it.
use super::{
    binaries,
    home::{self, Home},
    keyfile,
    postgres::Purpose,
    process::{Environment, Program},
    ready::Check,
};
use anyhow::bail;
use nix::sys::signal::Signal;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

pub(crate) fn program(
    home: &Home,
    port: u16,
    password: &str,
    purpose: Purpose,
) -> anyhow::Result<Program> {
    let executable = binaries::need("redis-server")?;
    check_version(&executable)?;
    let folder = home.data().join("redis");
    home::make_folder(&folder, 0o700)?;
    home.give_to_servers(&folder)?;
    let configuration = folder.join("redis.conf");
    keyfile::write_private(
        &configuration,
        &configuration_text(&folder, port, password, purpose),
    )?;
    home.give_to_servers(&configuration)?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Ok(Program {
        name: "redis".to_owned(),
        executable,
        arguments: vec![configuration.into()],
        environment: Environment::Bare,
        account: home.account().cloned(),
        folder,
        log: home.logs().join("redis.log"),
        stop: Signal::SIGTERM,
        grace: Duration::from_secs(20),
        address: address.to_string(),
        check: Check::Redis {
            address,
            password: password.to_owned(),
        },
    })
}

pub(crate) fn url(port: u16, password: &str) -> String {
    format!("redis://default:{password}@127.0.0.1:{port}/0")
}

fn configuration_text(folder: &Path, port: u16, password: &str, purpose: Purpose) -> String {
    let persistence = match purpose {
        Purpose::Keep => "appendonly yes\nappendfsync everysec\n",
        Purpose::ThrowAway | Purpose::Measure => "appendonly no\n",
    };
    format!(
        "bind 127.0.0.1\n\
         port {port}\n\
         protected-mode yes\n\
         requirepass {password}\n\
         daemonize no\n\
         dir \"{}\"\n\
         save \"\"\n\
         {persistence}\
         maxmemory 512mb\n\
         maxmemory-policy noeviction\n\
         tcp-keepalive 60\n\
         always-show-logo no\n",
        folder.display()
    )
}

/// `Redis server v=7.0.15 sha=…` is 7.
fn check_version(executable: &Path) -> anyhow::Result<()> {
    let answer = binaries::first_line(executable, &["--version"]).unwrap_or_default();
    let major = answer
        .split_once("v=")
        .and_then(|(_, version)| version.split('.').next()?.parse::<u32>().ok());
    match major {
        Some(7..) => Ok(()),
        _ => bail!(
            "Redis 7 or newer is needed; {} says: {answer}",
            executable.display()
        ),
    }
}
