//! A PostgreSQL and a Redis of the story's own, each behind a proxy that can cut it off. What they have
//! acknowledged survives their being killed: the machine itself stays up, so nothing waits for the disk.
use super::{
    process::{Process, Program},
    proxy::Proxy,
};
use crate::programs;
use batchtrack_core::{
    catalog,
    platform::migrate::{self, Existing, RolePasswords},
};
use nix::{sys::signal::Signal, unistd};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use tokio::{sync::Mutex, time};
use tokio_postgres::{NoTls, SimpleQueryMessage};

const PATIENCE: Duration = Duration::from_secs(30);
/// Of the servers, which nobody else can reach and which live as long as the story.
pub const PASSWORD: &str = "ch40sPa55word";
/// Few, so that they can be used up.
const MAX_CONNECTIONS: u32 = 80;
const DATABASE: &str = "batchtrack";

pub struct Servers {
    pub postgres: Mutex<Process>,
    pub redis: Mutex<Process>,
    /// Before each of them.
    pub database: Proxy,
    pub cache: Proxy,
    postgres_port: u16,
}

/// Who connects to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Owner,
    App,
    System,
    Admin,
}

impl Servers {
    pub async fn start(folder: &Path) -> Self {
        let account = account();
        let (postgres_port, redis_port) = (programs::free_port(), programs::free_port());
        let servers = Self {
            postgres: Mutex::new(Process::start(postgres(folder, account, postgres_port))),
            redis: Mutex::new(Process::start(redis(folder, account, redis_port))),
            database: Proxy::to(postgres_port).await,
            cache: Proxy::to(redis_port).await,
            postgres_port,
        };
        servers
            .until_postgres_answers(&mut *servers.postgres.lock().await)
            .await;
        servers.prepare().await;
        servers
    }

    /// Stops PostgreSQL at once, as if it had crashed, and starts it again after `pause`.
    pub async fn restart_postgres(&self, pause: Duration) {
        let mut postgres = self.postgres.lock().await;
        postgres.signal(Signal::SIGQUIT);
        postgres.ended(PATIENCE).await;
        time::sleep(pause).await;
        postgres.start_again();
        self.until_postgres_answers(&mut postgres).await;
    }

    async fn until_postgres_answers(&self, postgres: &mut Process) {
        let url = self.direct_url(Role::Admin, "postgres");
        let start = Instant::now();
        while tokio_postgres::connect(&url, NoTls).await.is_err() {
            let is_up = postgres.gave_up().is_none() && start.elapsed() < PATIENCE;
            assert!(is_up, "PostgreSQL does not answer:\n{}", postgres.log());
            time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn restart_redis(&self, pause: Duration) {
        let mut redis = self.redis.lock().await;
        redis.kill().await;
        time::sleep(pause).await;
        redis.start_again();
    }

    async fn prepare(&self) {
        let admin = self.direct_url(Role::Admin, "postgres");
        let passwords = [PASSWORD; 3].map(str::to_owned);
        let [owner, app, system] = passwords;
        let passwords = RolePasswords { owner, app, system };
        let roles = migrate::ensure_roles(&admin, &passwords, Existing::Reset).await;
        roles.expect("a superuser makes roles");
        let database = migrate::ensure_database(&admin, DATABASE).await;
        database.expect("a superuser makes a database");
        let owner = self.url(Role::Owner);
        migrate::run(&owner).await.expect("the migrations run");
        catalog::fill(&owner).await.expect("the library is filled");
    }

    /// The database's address, which leads through the proxy.
    pub fn url(&self, role: Role) -> String {
        address(role, self.database.port(), DATABASE)
    }

    /// The address that nothing is cut from, for who breaks things and who looks at what came of it.
    pub fn direct_url(&self, role: Role, database: &str) -> String {
        address(role, self.postgres_port, database)
    }

    pub fn redis_url(&self) -> String {
        format!(
            "redis://default:{PASSWORD}@127.0.0.1:{}/0",
            self.cache.port()
        )
    }

    /// Runs SQL as the owner, from whom nothing is hidden, and answers with a JSON object for each row.
    pub async fn ask(&self, sql: &str) -> Vec<Value> {
        self.try_ask(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    pub async fn try_ask(&self, sql: &str) -> Result<Vec<Value>, tokio_postgres::Error> {
        let url = self.direct_url(Role::Owner, DATABASE);
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        let wrapped = format!("SELECT to_jsonb(answer) FROM ({sql}) AS answer");
        let asked = async {
            let answer = client.simple_query(&wrapped).await?;
            let rows = answer.iter().filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => serde_json::from_str(row.get(0)?).ok(),
                _ => None,
            });
            Ok(rows.collect())
        };
        tokio::select! {
            answer = asked => answer,
            ended = connection => Err(ended.expect_err("it ends with its client")),
        }
    }

    /// Runs statements as the owner.
    pub async fn run(&self, sql: &str) {
        let url = self.direct_url(Role::Owner, DATABASE);
        let (client, connection) = tokio_postgres::connect(&url, NoTls)
            .await
            .expect("the database can be reached");
        tokio::select! {
            done = client.batch_execute(sql) => done.unwrap_or_else(|error| panic!("{error:?}: {sql}")),
            _ = connection => panic!("the connection ended"),
        }
    }
}

fn address(role: Role, port: u16, database: &str) -> String {
    let user = match role {
        Role::Owner => migrate::OWNER,
        Role::App => migrate::APP,
        Role::System => migrate::SYSTEM,
        Role::Admin => "postgres",
    };
    format!("postgres://{user}:{PASSWORD}@127.0.0.1:{port}/{database}")
}

/// PostgreSQL does not run as root.
fn account() -> Option<(u32, u32)> {
    if !unistd::Uid::effective().is_root() {
        return None;
    }
    let found = ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| unistd::User::from_name(name).ok()?);
    let user = found.expect("an account for the servers");
    Some((user.uid.as_raw(), user.gid.as_raw()))
}

/// A folder that belongs to the servers' account.
fn folder_of(parent: &Path, name: &str, account: Option<(u32, u32)>) -> PathBuf {
    let folder = parent.join(name);
    fs::create_dir(&folder).expect("our folder can be written to");
    if let Some((user, group)) = account {
        std::os::unix::fs::chown(&folder, Some(user), Some(group)).expect("root gives away");
    }
    folder
}

fn bare() -> BTreeMap<String, String> {
    let variables = [
        ("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"),
        ("LC_ALL", "C.UTF-8"),
    ];
    variables
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn postgres(parent: &Path, account: Option<(u32, u32)>, port: u16) -> Program {
    let programs = postgres_programs();
    let folder = folder_of(parent, "postgres", account);
    let password = parent.join("password");
    fs::write(&password, PASSWORD).expect("our folder can be written to");
    let mut command = Command::new(programs.join("initdb"));
    command
        .args([
            "--username=postgres",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ])
        .arg(format!("--pgdata={}", folder.display()))
        .arg(format!("--pwfile={}", password.display()))
        .env_clear()
        .envs(bare())
        .current_dir(&folder);
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    let made = command.output().expect("initdb starts");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let settings = [
        format!("port={port}"),
        format!("max_connections={MAX_CONNECTIONS}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "fsync=off".to_owned(),
        "full_page_writes=off".to_owned(),
        // What it acknowledged is with the system, which outlives it.
        "synchronous_commit=on".to_owned(),
        "shared_buffers=64MB".to_owned(),
        "jit=off".to_owned(),
        "autovacuum_naptime=5s".to_owned(),
        "timezone=UTC".to_owned(),
        "log_line_prefix=%m [%p] %u %a ".to_owned(),
        "log_lock_waits=on".to_owned(),
    ];
    let settings = settings
        .into_iter()
        .flat_map(|setting| ["-c".to_owned(), setting]);
    Program {
        name: "postgres".to_owned(),
        executable: programs.join("postgres"),
        arguments: ["-D".into(), folder.clone().into()]
            .into_iter()
            .chain(settings.map(Into::into))
            .collect(),
        environment: bare(),
        account,
        log: parent.join("postgres.log"),
        folder,
    }
}

/// The folder of the newest release here.
fn postgres_programs() -> PathBuf {
    let releases = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = releases
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .max();
    let in_path = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let postgres = std::env::split_paths(&path).map(|folder| folder.join("postgres"));
        let postgres = postgres
            .into_iter()
            .find_map(|program| program.canonicalize().ok())?;
        postgres.parent().map(Path::to_owned)
    };
    newest
        .map(|(_, folder)| folder)
        .or_else(in_path)
        .expect("PostgreSQL is installed; `make setup` does it")
}

fn redis(parent: &Path, account: Option<(u32, u32)>, port: u16) -> Program {
    let folder = folder_of(parent, "redis", account);
    let port = port.to_string();
    let arguments = [
        "--bind",
        "127.0.0.1",
        "--port",
        &port,
        "--requirepass",
        PASSWORD,
        "--save",
        "",
        "--appendonly",
        "yes",
        "--appendfsync",
        "no",
        "--maxmemory-policy",
        "noeviction",
    ];
    Program {
        name: "redis".to_owned(),
        executable: programs::of_this_machine(&["redis-server"], "`make setup` installs it"),
        arguments: arguments.map(Into::into).to_vec(),
        environment: bare(),
        account,
        log: parent.join("redis.log"),
        folder,
    }
}
