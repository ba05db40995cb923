//! The whole stack, started by the command that its users start it with.
use crate::{programs, wait::until};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};
use tokio_postgres::{NoTls, SimpleQueryMessage};

const OURS: [&str; 4] = [
    "batchtrack",
    "batchtrack-web",
    "batchtrack-dispatcher",
    "batchtrack-billing-cache",
];
const PATIENCE: Duration = Duration::from_secs(90);

/// A stack of its own, on free ports, without the demo organisation. It is taken down with the value;
/// what it left behind is kept only when the test failed.
pub struct Stack {
    home: PathBuf,
    /// Lives as long as the stack; `None` between a kill and the next start.
    supervisor: Option<Child>,
    http: String,
    https: String,
    /// Settings of its own.
    settings: Vec<(String, String)>,
}

/// A line of `batchtrack status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub name: String,
    pub pid: i32,
    pub is_well: bool,
}

impl Stack {
    /// Starts it in a folder named after the story, and waits until all of it answers.
    pub fn up(story: &str) -> Self {
        Self::up_with(story, &[])
    }

    /// The same with settings of its own, as somebody who starts it would give them.
    pub fn up_with(story: &str, settings: &[(&str, &str)]) -> Self {
        for name in OURS {
            programs::ours(name);
        }
        let home = programs::folder_for(story);
        if home.exists() {
            // A run that was killed may have left it running.
            must(&mut command_in(&home, &["down"]));
            remove(&home);
        }
        programs::make_own(&home);
        let mut stack = Self {
            home,
            supervisor: None,
            http: String::new(),
            https: String::new(),
            settings: settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        stack.start(&["--no-seed"]);
        stack
    }

    /// Starts it again after its supervisor was killed, at the same addresses.
    pub fn up_again(&mut self) {
        let (http, https) = (port(&self.http).to_owned(), port(&self.https).to_owned());
        self.start(&["--no-seed", "--http-port", &http, "--https-port", &https]);
    }

    fn start(&mut self, arguments: &[&str]) {
        let log = self.home.join("up.log");
        let output = fs::File::create(&log).expect("our folder can be written to");
        let mut command = self.batchtrack(&["up"]);
        let child = command
            .args(arguments)
            .envs(self.settings.iter().cloned())
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("an open file"))
            .stderr(output)
            .spawn();
        self.supervisor = Some(child.expect("our own binary starts"));
        let said = || fs::read_to_string(&log).unwrap_or_default();
        let first = until("the stack is ready", PATIENCE, || {
            let supervisor = self.supervisor.as_mut()?;
            if let Ok(Some(how)) = supervisor.try_wait() {
                panic!("`batchtrack up` ended ({how}):\n{}", said());
            }
            let (is_well, lines) = self.status();
            is_well.then(|| lines.into_iter().next().unwrap_or_default())
        });
        let mut addresses = first.split_whitespace().map(str::to_owned);
        self.http = addresses.next().unwrap_or_default();
        self.https = addresses.next().unwrap_or_default();
    }

    /// Where people reach it, such as `http://localhost:16123`.
    pub fn http(&self) -> &str {
        &self.http
    }

    pub fn https(&self) -> &str {
        &self.https
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The command with these arguments, for this stack, with nothing else in its environment.
    pub fn batchtrack(&self, arguments: &[&str]) -> Command {
        command_in(&self.home, arguments)
    }

    fn status(&self) -> (bool, Vec<String>) {
        let output = outcome(&mut self.batchtrack(&["status"]));
        let said = String::from_utf8_lossy(&output.stdout);
        let lines = said.lines().map(str::to_owned).collect();
        (output.status.success(), lines)
    }

    /// All processes, as `batchtrack status` tells them.
    pub fn processes(&self) -> Vec<Process> {
        let (_, lines) = self.status();
        lines.iter().filter_map(|line| process(line)).collect()
    }

    /// Kills a process the hard way, and waits until another one stands in its place and is well.
    pub fn kill(&self, name: &str) {
        let before = self.process(name).unwrap_or_else(|| panic!("{name} runs"));
        kill(Pid::from_raw(before.pid), Signal::SIGKILL).expect("a process of ours can be killed");
        until(&format!("{name} is started again"), PATIENCE, || {
            self.process(name)
                .filter(|now| now.is_well && now.pid != before.pid)
        });
    }

    fn process(&self, name: &str) -> Option<Process> {
        self.processes()
            .into_iter()
            .find(|process| process.name == name)
    }

    /// Kills the one that looks after all the others.
    pub fn kill_supervisor(&mut self) {
        let mut supervisor = self.supervisor.take().expect("the stack is up");
        supervisor.kill().expect("a child of ours can be killed");
        supervisor
            .wait()
            .expect("a child of ours can be waited for");
    }

    /// `batchtrack verify`: whether all is in order, and what it said.
    pub fn verify(&self) -> (bool, String) {
        let output = outcome(&mut self.batchtrack(&["verify"]));
        (output.status.success(), text_of(&output))
    }

    /// Stops the test unless the books are in order.
    pub fn must_verify(&self) {
        let (in_order, said) = self.verify();
        assert!(in_order, "{said}");
    }

    /// A setting of the running stack.
    pub fn setting(&self, name: &str) -> String {
        let settings =
            fs::read_to_string(self.home.join("env")).expect("a running stack has settings");
        let mut lines = settings.lines().filter_map(|line| line.split_once('='));
        let found = lines.find(|(key, _)| *key == name);
        let (_, value) = found.unwrap_or_else(|| panic!("the stack has a {name}"));
        value.to_owned()
    }

    /// Runs SQL as the owner of the tables, whom nothing is hidden from.
    pub async fn as_owner(&self, sql: &str) -> Vec<SimpleQueryMessage> {
        let url = self.setting("DATABASE_OWNER_URL");
        let (client, connection) = tokio_postgres::connect(&url, NoTls)
            .await
            .expect("the database can be reached");
        tokio::select! {
            answer = client.simple_query(sql) => answer.unwrap_or_else(|error| panic!("{sql}: {error:?}")),
            _ = connection => panic!("the connection ended"),
        }
    }

    /// How many rows a table has, in all organisations.
    pub async fn count(&self, table: &str) -> u64 {
        let answer = self
            .as_owner(&format!("SELECT count(*) FROM {table}"))
            .await;
        answer
            .iter()
            .find_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
                _ => None,
            })
            .expect("a count")
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let down = outcome(&mut self.batchtrack(&["down"]));
        if let Some(supervisor) = &mut self.supervisor {
            // `down` waited for it; this only collects how it ended.
            let _ = supervisor.wait();
        }
        if thread::panicking() {
            eprintln!("The logs are kept in {}", self.home.join("logs").display());
        } else {
            assert!(down.status.success(), "down: {}", text_of(&down));
            remove(&self.home);
        }
    }
}

/// Stops the test unless the command succeeds.
fn must(command: &mut Command) {
    let output = outcome(command);
    assert!(output.status.success(), "{}", text_of(&output));
}

fn outcome(command: &mut Command) -> Output {
    command.output().expect("our own binary starts")
}

/// Both streams of a command that ended.
fn text_of(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    String::from_utf8_lossy(&[out.as_slice(), err.as_slice()].concat()).into_owned()
}

fn command_in(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(programs::ours("batchtrack"));
    command
        .args(arguments)
        .current_dir(env::temp_dir())
        .env_clear()
        .envs(
            ["PATH", "HOME"]
                .into_iter()
                .filter_map(|name| Some((name, env::var_os(name)?))),
        )
        .env("BATCHTRACK_HOME", home)
        .env("BATCHTRACK_HTTP_PORT", "0")
        .env("BATCHTRACK_HTTPS_PORT", "0")
        .env("BATCHTRACK_MAIL_PORT", "0")
        .env("BATCHTRACK_MAIL_SMTP_PORT", "0");
    command
}

fn remove(home: &Path) {
    // Where the servers' account can't get to our folder, their data is elsewhere; this says where.
    if let Ok(elsewhere) = fs::read_to_string(home.join("data-folder")) {
        let elsewhere = Path::new(elsewhere.trim());
        assert!(elsewhere.starts_with("/var/lib"), "{}", elsewhere.display());
        fs::remove_dir_all(elsewhere).expect("the data of a stack that is down can be removed");
    }
    fs::remove_dir_all(home).expect("the folder of a stack that is down can be removed");
}

/// `web-1          pid 5090     127.0.0.1:25310          well`
fn process(line: &str) -> Option<Process> {
    let mut words = line.split_whitespace();
    let name = words.next()?.to_owned();
    if words.next()? != "pid" {
        return None;
    }
    Some(Process {
        name,
        pid: words.next()?.parse().ok()?,
        is_well: line.ends_with(" well"),
    })
}

fn port(address: &str) -> &str {
    address.rsplit(':').next().unwrap_or_default()
}
