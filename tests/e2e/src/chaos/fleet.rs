//! Our own processes, on servers that break: one web, several dispatchers.
use super::{
    process::{Process, Program},
    servers::{Role, Servers},
};
use crate::{client, programs, wait::until_async};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path, time::Duration};

const PATIENCE: Duration = Duration::from_secs(30);
/// What cookies are signed and secrets sealed with, where a story says nothing else: all of `APP_SECRET_KEY`.
pub const SECRET_KEY: &str = "c4a0f00dc4a0f00dc4a0f00dc4a0f00dc4a0f00dc4a0f00dc4a0f00dc4a0f00d";

/// One of our services, told apart from itself in another life.
pub struct Service {
    pub process: Process,
    /// `dispatcher-2`; its connections are those of `dispatcher-2.1`, `.2` and so on.
    name: String,
    lives: u32,
    port: u16,
    database: BTreeMap<&'static str, String>,
}

impl Service {
    /// Starts `binary` with these settings besides those that say where everything is.
    pub fn start(
        folder: &Path,
        servers: &Servers,
        binary: &str,
        name: &str,
        settings: &[(&str, &str)],
    ) -> Self {
        let port = programs::free_port();
        let own = [
            ("REDIS_URL", servers.redis_url()),
            ("APP_SECRET_KEY", SECRET_KEY.to_owned()),
            ("HTTP_PORT", port.to_string()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        let given = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let environment = own.into_iter().chain(given).collect();
        let database = BTreeMap::from([
            ("DATABASE_URL", servers.url(Role::App)),
            ("DATABASE_SYSTEM_URL", servers.url(Role::System)),
        ]);
        let program = Program {
            name: name.to_owned(),
            executable: programs::ours(binary),
            arguments: Vec::new(),
            environment,
            account: None,
            folder: folder.to_owned(),
            log: folder.join(format!("{name}.log")),
        };
        let mut service = Self {
            process: Process::new(program),
            name: name.to_owned(),
            lives: 0,
            port,
            database,
        };
        service.start_again();
        service
    }

    pub fn start_again(&mut self) {
        self.lives += 1;
        for (setting, url) in &self.database {
            let url = format!("{url}?application_name={}.{}", self.name, self.lives);
            self.process
                .program
                .environment
                .insert((*setting).to_owned(), url);
        }
        self.process.start_again();
    }

    /// What its connections are called in this life.
    pub fn calls_itself(&self) -> String {
        format!("{}.{}", self.name, self.lives)
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits until it says that it and all it needs are well.
    pub async fn until_ready(&mut self) {
        let (url, http) = (format!("{}/readyz", self.base()), client());
        let what = format!("{} is ready", self.name);
        let process = &mut self.process;
        let mut said = String::new();
        until_async(&what, PATIENCE, async || {
            if let Some(how) = process.gave_up() {
                panic!("{} ended ({how}):\n{}", process.program.name, process.log());
            }
            said = http.get(&url).send().await.ok()?.text().await.ok()?;
            let answer: Value = serde_json::from_str(&said).ok()?;
            (answer.get("status")? == "ready").then_some(())
        })
        .await;
    }
}
