//! A process that may be killed, frozen and started again.
use crate::{programs, wait::until};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};
use tokio::time;

/// How to run it. The environment has these variables and no others.
#[derive(Debug, Clone)]
pub struct Program {
    pub name: String,
    pub executable: PathBuf,
    pub arguments: Vec<OsString>,
    pub environment: BTreeMap<String, String>,
    /// Whom to run it as: user and group.
    pub account: Option<(u32, u32)>,
    /// Where it runs, which is also how a later run knows it for one of ours.
    pub folder: PathBuf,
    pub log: PathBuf,
}

/// It runs, or will again. Killed with the value.
pub struct Process {
    pub program: Program,
    child: Option<Child>,
}

impl Process {
    /// Not started yet.
    pub const fn new(program: Program) -> Self {
        Self {
            program,
            child: None,
        }
    }

    pub fn start(program: Program) -> Self {
        let mut process = Self::new(program);
        process.start_again();
        process
    }

    pub fn start_again(&mut self) {
        assert!(self.child.is_none(), "{} runs already", self.program.name);
        let Program {
            executable,
            arguments,
            environment,
            account,
            folder,
            log,
            name,
        } = &self.program;
        let log = fs::File::options().create(true).append(true).open(log);
        let log = log.expect("a log can be written");
        let mut command = Command::new(executable);
        command
            .args(arguments)
            .env_clear()
            .envs(environment)
            .current_dir(folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("an open file"))
            .stderr(log);
        if let Some((user, group)) = account {
            command.uid(*user).gid(*group);
        }
        let child = command.spawn();
        self.child = Some(child.unwrap_or_else(|error| panic!("{name}: {error}")));
    }

    pub fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().expect("it runs");
        let pid = i32::try_from(child.id()).expect("process ids are small");
        // It may have ended by itself; whoever waits for it will notice.
        let _ = kill(Pid::from_raw(pid), signal);
    }

    /// How it ended, and how long that took; stops the test if it does not within `patience`.
    pub async fn ended(&mut self, patience: Duration) -> (ExitStatus, Duration) {
        let (mut child, start) = (self.child.take().expect("it runs"), Instant::now());
        while start.elapsed() < patience {
            if let Some(status) = child.try_wait().expect("a child of ours") {
                return (status, start.elapsed());
            }
            time::sleep(Duration::from_millis(10)).await;
        }
        let _ = child.kill();
        panic!("{} does not end:\n{}", self.program.name, self.log());
    }

    /// Whether it ended although nobody asked it to.
    pub fn gave_up(&mut self) -> Option<ExitStatus> {
        self.child.as_mut()?.try_wait().expect("a child of ours")
    }

    pub async fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        self.ended(Duration::from_secs(20)).await;
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.program.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // PostgreSQL's own children end with it; nobody else has any.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A folder for this story, without what a run that was killed left there, its processes included.
pub fn fresh_folder(story: &str) -> PathBuf {
    let folder = programs::folder_for(story);
    until(
        "what a former run left behind ends",
        Duration::from_secs(20),
        || {
            let left = living_in(&folder);
            for pid in &left {
                // It may have ended since.
                let _ = kill(*pid, Signal::SIGKILL);
            }
            left.is_empty().then_some(())
        },
    );
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("a folder of ours can be removed");
    }
    programs::make_own(&folder);
    folder
}

/// Processes whose folder is `folder` or in it.
fn living_in(folder: &Path) -> Vec<Pid> {
    let all = fs::read_dir("/proc").expect("this is Linux").flatten();
    all.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let works_in = fs::read_link(entry.path().join("cwd")).ok()?;
        works_in.starts_with(folder).then_some(Pid::from_raw(pid))
    })
    .collect()
}
