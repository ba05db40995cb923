//! What runs where, and in which order it starts.
use super::Up;
use crate::{
    say::say,
    stack::{
        certificate,
        database::{self, DatabaseUrls},
        environment,
        home::Home,
        keyfile::Keys,
        mail,
        nginx::{self, Front},
        ports::{self, Ports},
        postgres::{self, Purpose},
        redis,
        secrets::Secrets,
        seed::{self, DemoSignIn},
        services,
        supervise::Supervisor,
    },
};
use anyhow::{Context as _, bail};
use batchtrack_core::platform::migrate::Existing;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use url::Url;

const PATIENCE: Duration = Duration::from_mins(1);

/// Which port is whose.
pub(super) struct Plan {
    /// Where people reach it: http, then https.
    pub(super) urls: Vec<String>,
    base_url: String,
    front: Front,
    postgres: u16,
    redis: u16,
    /// `None` where letters go to a server that was given.
    pub(super) mail: Option<mail::Ports>,
    dispatcher: u16,
    billing_cache: u16,
}

/// Finds out what can be known before anything starts: that all is built, and that no port is taken.
pub(super) fn plan(up: &Up, home: &Home) -> anyhow::Result<Plan> {
    services::check()?;
    let mut ports = Ports::default();
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
    let addresses = ports::usable(&up.bind);
    let http = ports.asked_for(up.http_port, "BATCHTRACK_HTTP_PORT", &addresses)?;
    let https = ports.asked_for(up.https_port, "BATCHTRACK_HTTPS_PORT", &addresses)?;
    let host = host_to_show(&addresses);
    let mail = if given(up.given.mail_smtp_url.as_ref()).is_some() {
        None
    } else {
        mail::check()?;
        Some(mail::Ports {
            inbox: ports.asked_for(up.mail_port, "BATCHTRACK_MAIL_PORT", &loopback)?,
            smtp: ports.asked_for(up.mail_smtp_port, "BATCHTRACK_MAIL_SMTP_PORT", &loopback)?,
        })
    };
    let urls = vec![
        format!("http://{host}:{http}"),
        format!("https://{host}:{https}"),
    ];
    let base_url = match (given(up.given.base_url.as_ref()), urls.first()) {
        (Some(given), _) => given,
        (None, Some(http)) => http,
        (None, None) => bail!("no address to serve at"),
    };
    let base_url = Url::parse(base_url).context("APP_BASE_URL is not an address")?;
    let certificate = certificate::ensure(home, &names(&base_url, &addresses))?;
    let replicas = (0..up.web_replicas)
        .map(|_| ports.free(&loopback))
        .collect::<Result<_, _>>()?;
    Ok(Plan {
        urls,
        base_url: base_url.as_str().trim_end_matches('/').to_owned(),
        front: Front {
            addresses,
            http,
            https,
            replicas,
            trusted: up.trusted_clients.0.clone(),
            certificate,
        },
        postgres: ports.remembered(home, "postgres")?,
        redis: ports.remembered(home, "redis")?,
        mail,
        dispatcher: ports.free(&loopback)?,
        billing_cache: ports.free(&loopback)?,
    })
}

/// Starts everything, each layer once the one below it is ready.
pub(super) async fn start(
    up: &Up,
    plan: &Plan,
    home: &Home,
    supervisor: &mut Supervisor,
) -> anyhow::Result<Option<DemoSignIn>> {
    let secrets = Secrets::load(home)?;
    if up.given.database_url().is_none() {
        supervisor.start(postgres::program(
            home,
            plan.postgres,
            &secrets.postgres,
            Purpose::Keep,
        )?)?;
    }
    let redis_url = if let Some(given) = given(up.given.redis_url.as_ref()) {
        given.to_owned()
    } else {
        supervisor.start(redis::program(
            home,
            plan.redis,
            &secrets.redis,
            Purpose::Keep,
        )?)?;
        redis::url(plan.redis, &secrets.redis)
    };
    if let Some(ports) = plan.mail {
        supervisor.start(mail::program(home, ports)?)?;
    }
    supervisor.until_ready(PATIENCE).await?;

    let urls = database_urls(up, plan, &secrets).await?;
    let migrations = database::migrate(&urls).await?;
    if migrations > 0 {
        say(format_args!("Applied {migrations} migrations."));
    }
    let demo = if up.no_seed {
        None
    } else {
        seed::demo(&urls, &secrets).await?
    };

    let settings = settings(up, plan, &secrets, &urls, redis_url);
    // What the services take from the environment of this command, other commands must know, too.
    let mut for_commands: Keys = services::inherited();
    for_commands.extend(settings.iter().cloned());
    for_commands.insert("DATABASE_OWNER_URL".to_owned(), urls.owner.clone());
    environment::write(home.root(), &for_commands)?;

    supervisor.start(services::program(
        home,
        services::BILLING_CACHE,
        "billing-cache",
        plan.billing_cache,
        &settings,
    )?)?;
    supervisor.start(services::program(
        home,
        services::DISPATCHER,
        "dispatcher",
        plan.dispatcher,
        &settings,
    )?)?;
    for (number, port) in plan.front.replicas.iter().enumerate() {
        let name = format!("web-{}", number + 1);
        supervisor.start(services::program(
            home,
            services::WEB,
            &name,
            *port,
            &settings,
        )?)?;
    }
    supervisor.until_ready(PATIENCE).await?;

    supervisor.start(nginx::program(home, &plan.front)?)?;
    supervisor.until_ready(PATIENCE).await?;
    supervisor.declare_ready()?;
    Ok(demo)
}

async fn database_urls(up: &Up, plan: &Plan, secrets: &Secrets) -> anyhow::Result<DatabaseUrls> {
    let Some(url) = up.given.database_url() else {
        let admin = postgres::superuser_url(plan.postgres, &secrets.postgres, "postgres");
        return database::prepare(&admin, secrets, Existing::Reset).await;
    };
    let system = given(up.given.database_system_url.as_ref());
    let owner = given(up.given.database_owner_url.as_ref());
    match (system, owner) {
        (Some(system), Some(owner)) => Ok(DatabaseUrls {
            app: url.to_owned(),
            system: system.to_owned(),
            owner: owner.to_owned(),
        }),
        (None, None) => database::prepare(url, secrets, Existing::Keep)
            .await
            .context("DATABASE_URL is set, so that database is used, by its administrator's name"),
        _ => bail!("DATABASE_OWNER_URL and DATABASE_SYSTEM_URL go together: set both, or neither"),
    }
}

/// What every service is told.
fn settings(
    up: &Up,
    plan: &Plan,
    secrets: &Secrets,
    urls: &DatabaseUrls,
    redis_url: String,
) -> Vec<(String, String)> {
    let trusted: Vec<String> = up
        .trusted_clients
        .0
        .iter()
        .map(ToString::to_string)
        .collect();
    let smtp_url = match plan.mail {
        Some(ports) => ports.smtp_url(),
        None => up.given.mail_smtp_url.clone().unwrap_or_default(),
    };
    let proof = given(up.given.email_verification.as_ref());
    let proof = proof.unwrap_or(if plan.mail.is_some() {
        "off"
    } else {
        "required"
    });
    let key = given(up.given.secret_key.as_ref()).unwrap_or(&secrets.app_key);
    let settings = [
        ("DATABASE_URL", urls.app.clone()),
        ("DATABASE_SYSTEM_URL", urls.system.clone()),
        ("REDIS_URL", redis_url),
        ("APP_BASE_URL", plan.base_url.clone()),
        ("APP_SECRET_KEY", key.to_owned()),
        ("MAIL_SMTP_URL", smtp_url),
        ("AUTH_EMAIL_VERIFICATION_MODE", proof.to_owned()),
        ("TRUSTED_CLIENTS", trusted.join(",")),
        // nginx and nobody else reaches the services; it comes from here.
        ("TRUSTED_PROXIES", "127.0.0.0/8,::1/128".to_owned()),
    ];
    settings
        .map(|(key, value)| (key.to_owned(), value))
        .to_vec()
}

/// A variable that is set to nothing is not set.
fn given(variable: Option<&String>) -> Option<&str> {
    variable
        .map(String::as_str)
        .filter(|value| !value.is_empty())
}

impl super::Given {
    fn database_url(&self) -> Option<&str> {
        given(self.database_internal_url.as_ref()).or(given(self.database_url.as_ref()))
    }
}

/// The name to show for where it serves: `localhost` wherever that leads here.
fn host_to_show(addresses: &[IpAddr]) -> String {
    let local = |address: &IpAddr| address.is_loopback() || address.is_unspecified();
    match addresses.first() {
        Some(first) if !addresses.iter().any(local) => {
            let shown = SocketAddr::new(*first, 0).to_string();
            shown.trim_end_matches(":0").to_owned()
        }
        _ => "localhost".to_owned(),
    }
}

/// The names that the certificate is good for.
fn names(base_url: &Url, addresses: &[IpAddr]) -> Vec<String> {
    let known = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let bound = addresses
        .iter()
        .filter(|address| !address.is_unspecified())
        .map(ToString::to_string);
    let public = base_url
        .host_str()
        .map(|host| host.trim_matches(['[', ']']).to_owned());
    let mut names = Vec::new();
    for name in known.into_iter().chain(bound).chain(public) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
