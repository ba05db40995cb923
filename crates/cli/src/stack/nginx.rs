//! The private nginx in front of the web replicas.
use super::{
    binaries,
    certificate::Certificate,
    home::{self, Home},
    process::{Environment, Program},
    ready::Check,
};
use anyhow::{Context as _, bail};
use ipnet::IpNet;
use nix::sys::{
    resource::{Resource, getrlimit},
    signal::Signal,
};
use std::{
    fmt::Write as _,
    fs,
    net::{IpAddr, SocketAddr},
    path::Path,
    time::Duration,
};

const TEMPLATE: &str = include_str!("../../../../deploy/nginx/nginx.conf");
const PAGES: [(&str, &str); 6] = [
    (
        "413.html",
        include_str!("../../../../deploy/nginx/pages/413.html"),
    ),
    (
        "413.json",
        include_str!("../../../../deploy/nginx/pages/413.json"),
    ),
    (
        "429.html",
        include_str!("../../../../deploy/nginx/pages/429.html"),
    ),
    (
        "429.json",
        include_str!("../../../../deploy/nginx/pages/429.json"),
    ),
    (
        "503.html",
        include_str!("../../../../deploy/nginx/pages/503.html"),
    ),
    (
        "503.json",
        include_str!("../../../../deploy/nginx/pages/503.json"),
    ),
];

/// The most connections a worker takes; each request uses two.
const CONNECTIONS: u64 = 32_768;

/// What it serves, and to whom.
pub(crate) struct Front {
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) http: u16,
    pub(crate) https: u16,
    /// Ports of the web replicas.
    pub(crate) replicas: Vec<u16>,
    /// Addresses that no limit applies to.
    pub(crate) trusted: Vec<IpNet>,
    pub(crate) certificate: Certificate,
}

pub(crate) fn program(home: &Home, front: &Front) -> anyhow::Result<Program> {
    let executable = binaries::need("nginx")?;
    let folder = home.data().join("nginx");
    let pages = folder.join("pages/.answers");
    home::make_folder(&folder, 0o711)?;
    home::make_folder(&folder.join("pages"), 0o755)?;
    home::make_folder(&pages, 0o755)?;
    for (name, text) in PAGES {
        fs::write(pages.join(name), text).context("writing nginx's pages")?;
    }
    let configuration = folder.join("nginx.conf");
    let text = render(
        home,
        &folder,
        front,
        binaries::first_line(&executable, &["-v"]).as_deref(),
    )?;
    fs::write(&configuration, text)
        .with_context(|| format!("writing {}", configuration.display()))?;
    Ok(Program {
        name: "nginx".to_owned(),
        executable,
        arguments: ["-e", "stderr", "-p"]
            .map(Into::into)
            .into_iter()
            .chain([folder.clone().into(), "-c".into(), configuration.into()])
            .collect(),
        environment: Environment::Bare,
        // It stays root if we are, to take ports below 1024; its workers do not (see `render`).
        account: None,
        folder,
        log: home.logs().join("nginx.log"),
        // Requests in hand are finished; an open event stream is not waited for to the end.
        stop: Signal::SIGQUIT,
        grace: Duration::from_secs(8),
        address: format!("localhost:{}", front.http),
        check: Check::Http {
            url: format!("http://{}/readyz", front.own_address()),
        },
    })
}

impl Front {
    /// Where we reach it ourselves.
    fn own_address(&self) -> SocketAddr {
        let first = self
            .addresses
            .first()
            .copied()
            .unwrap_or(IpAddr::from([127, 0, 0, 1]));
        let reachable = match first {
            IpAddr::V4(any) if any.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
            IpAddr::V6(any) if any.is_unspecified() => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
            known => known,
        };
        SocketAddr::new(reachable, self.http)
    }
}

fn render(
    home: &Home,
    folder: &Path,
    front: &Front,
    version: Option<&str>,
) -> anyhow::Result<String> {
    let open_files = getrlimit(Resource::RLIMIT_NOFILE)
        .map_or(1024, |(_, most)| most)
        .min(CONNECTIONS * 2 + 512);
    let run = folder.display().to_string();
    if run.contains(['"', '$', '\\', '\n']) {
        bail!(
            "nginx can't be given the folder {run}: set BATCHTRACK_HOME to one without such signs"
        );
    }
    let user = home
        .account()
        .map_or_else(String::new, |account| format!("user {};", account.name));
    // Two names for one thing: `http2 on` came with 1.25.1, and the older word is now deprecated.
    let modern = version
        .and_then(parse_version)
        .is_some_and(|version| version >= (1, 25, 1));
    let mut listen = String::new();
    for address in &front.addresses {
        let https = SocketAddr::new(*address, front.https);
        let old_word = if modern { "" } else { " http2" };
        let _ = writeln!(
            listen,
            "        listen {};",
            SocketAddr::new(*address, front.http)
        );
        let _ = writeln!(listen, "        listen {https} ssl{old_word};");
    }
    if modern {
        listen.push_str("        http2 on;\n");
    }
    let lines = |each: &mut dyn Iterator<Item = String>| each.collect::<Vec<_>>().join("\n");
    let replicas = lines(
        &mut front
            .replicas
            .iter()
            .map(|port| format!("        server 127.0.0.1:{port} max_fails=3 fail_timeout=1s;")),
    );
    let trusted = lines(&mut front.trusted.iter().map(|net| format!("        {net} 1;")));
    Ok(TEMPLATE
        .replace("{{user}}", &user)
        .replace("{{open_files}}", &open_files.to_string())
        .replace(
            "{{connections}}",
            &(open_files.saturating_sub(512) / 2).max(256).to_string(),
        )
        .replace("{{run}}", &run)
        .replace("{{pages}}", &folder.join("pages").display().to_string())
        .replace("{{upstream_idle}}", "60s")
        .replace(
            "{{certificate}}",
            &front.certificate.chain.display().to_string(),
        )
        .replace("{{key}}", &front.certificate.key.display().to_string())
        .replace("{{listen}}", listen.trim_end())
        .replace("{{replicas}}", &replicas)
        .replace("{{trusted}}", &trusted))
}

/// `nginx version: nginx/1.22.1` is 1.22.1.
fn parse_version(answer: &str) -> Option<(u32, u32, u32)> {
    let (_, version) = answer.split_once("nginx/")?;
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some((
        numbers.next()?.ok()?,
        numbers.next()?.ok()?,
        numbers.next()?.ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_nginx_says() {
        assert_eq!(
            parse_version("nginx version: nginx/1.22.1"),
            Some((1, 22, 1))
        );
        assert_eq!(
            parse_version("nginx version: nginx/1.24.0 (Ubuntu)"),
            Some((1, 24, 0))
        );
        assert_eq!(parse_version("nginx: command not found"), None);
    }

    #[test]
    fn every_page_has_its_place_in_the_configuration() {
        for (name, text) in PAGES {
            let (status, _) = name.split_once('.').unwrap();
            assert!(
                TEMPLATE.contains(&format!("/.answers/{status}.$answer_as")),
                "{name}"
            );
            assert!(!text.is_empty());
        }
    }
}
