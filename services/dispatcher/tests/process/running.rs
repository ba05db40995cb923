//! The real binary, while it runs.
use batchtrack_testkit::{Role, TestDb};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// The `n` of the one row that the owner is told.
pub(crate) async fn number(t: &TestDb, sql: &str) -> i64 {
    let found: Number = diesel::sql_query(sql)
        .get_result(&mut t.owner_conn().await)
        .await
        .unwrap();
    found.n
}

/// Runs statements as the owner.
pub(crate) async fn run(t: &TestDb, sql: &str) {
    t.owner_conn().await.batch_execute(sql).await.unwrap();
}

pub(crate) fn dispatcher(t: &TestDb, role: Role) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_batchtrack-dispatcher"));
    command
        .env_clear()
        .env("DATABASE_URL", t.url(Role::App))
        .env("DATABASE_SYSTEM_URL", t.url(role))
        .env("REDIS_URL", "redis://127.0.0.1:1/0")
        .env("APP_SECRET_KEY", "5eed".repeat(16))
        .env("HTTP_PORT", "0")
        .env("LOG_FORMAT", "json")
        .stderr(Stdio::piped());
    command
}

/// A running dispatcher; killed if the test fails before it is stopped.
pub(crate) struct Running {
    pub(crate) child: Child,
    log: BufReader<ChildStderr>,
    pub(crate) address: String,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut running = Self {
            child,
            log,
            address: String::new(),
        };
        let listening = running.line("listening");
        listening["address"]
            .as_str()
            .unwrap()
            .clone_into(&mut running.address);
        running
    }

    /// Reads the log up to the line that says `message`.
    pub(crate) fn line(&mut self, message: &str) -> serde_json::Value {
        let mut seen = String::new();
        loop {
            let mut line = String::new();
            let read = self.log.read_line(&mut line).unwrap();
            assert!(read > 0, "it ended without {message:?}: {seen}");
            if let Ok(line) = serde_json::from_str::<serde_json::Value>(&line)
                && line["message"] == message
            {
                return line;
            }
            seen += &line;
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let answer = reqwest::get(format!("http://{}{path}", self.address))
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The values of a metric at all sets of labels that have these among them: `kind="…"`.
    pub(crate) async fn figures(&self, name: &str, labels: &[&str]) -> Vec<f64> {
        let (_, metrics) = self.get("/metrics").await;
        let of_it = metrics.lines().filter_map(|line| {
            let (head, value) = line.rsplit_once(' ')?;
            let there = head.strip_prefix(name)?.strip_prefix('{')?;
            let fits = labels.iter().all(|label| there.contains(label));
            fits.then(|| value.parse().unwrap())
        });
        of_it.collect()
    }

    /// Their sum, once it is at least `least`.
    pub(crate) async fn until(&self, name: &str, labels: &[&str], least: f64) -> f64 {
        let start = Instant::now();
        loop {
            let sum = self.figures(name, labels).await.into_iter().sum();
            if sum >= least {
                return sum;
            }
            assert!(
                start.elapsed() < Duration::from_secs(40),
                "{name} of {labels:?} is {sum}, not {least}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) fn tell_to_stop(&self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        kill(pid, Signal::SIGTERM).unwrap();
    }

    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.tell_to_stop();
        self.ended()
    }

    pub(crate) fn ended(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "it does not stop"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
