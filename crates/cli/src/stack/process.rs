//! One process of the stack: how it starts, and how it is stopped for certain.
use super::{account::Account, binaries, logs, ready::Check};
use anyhow::Context as _;
use nix::{
    errno::Errno,
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};
use serde::{Deserialize, Serialize};
use std::{
    ffi::OsString,
    fs,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{process::Child, time};

/// How to run one process.
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) executable: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Environment,
    /// Whom to run it as, when we are root and it must not be.
    pub(crate) account: Option<Account>,
    pub(crate) folder: PathBuf,
    pub(crate) log: PathBuf,
    /// The signal that asks it to stop, and how long it may take.
    pub(crate) stop: Signal,
    pub(crate) grace: Duration,
    pub(crate) address: String,
    pub(crate) check: Check,
}

/// What a process finds in its environment.
pub(crate) enum Environment {
    /// Nothing of ours: other people's servers read variables that we know nothing about.
    Bare,
    /// All of ours, with these set and those taken away.
    Ours {
        set: Vec<(String, String)>,
        unset: Vec<&'static str>,
    },
}

/// A process, told apart from a later one that was given the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) pid: i32,
    /// In clock ticks since the machine started.
    pub(crate) started: u64,
}

impl Identity {
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let pid = i32::try_from(pid).ok()?;
        Some(Self {
            pid,
            started: started(pid)?,
        })
    }

    pub(crate) fn is_alive(self) -> bool {
        started(self.pid) == Some(self.started)
    }

    pub(crate) fn signal(self, signal: Signal) {
        if self.is_alive() {
            // It may end between the two; then there is nobody left to tell.
            let _ = kill(Pid::from_raw(self.pid), signal);
        }
    }
}

/// When a process began, unless it has ended already.
fn started(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold anything; the numbers come after the last one.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// A process that we started.
pub(crate) struct Running {
    child: Child,
    pub(crate) identity: Identity,
    /// Where in the log its own lines begin.
    pub(crate) log_start: u64,
    over: bool,
}

impl Program {
    pub(crate) fn spawn(&self) -> anyhow::Result<Running> {
        let log_start = logs::length(&self.log);
        let log = logs::open(&self.log)?;
        let mut command = self.command();
        command
            .args(&self.arguments)
            .current_dir(&self.folder)
            // A group of its own: Ctrl-C in the terminal reaches us, and we stop things in order.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("sharing a log")?)
            .stderr(log);
        match &self.environment {
            Environment::Bare => {
                command.env_clear();
                command.envs([
                    ("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"),
                    ("LC_ALL", "C.UTF-8"),
                ]);
            }
            Environment::Ours { set, unset } => {
                for name in unset {
                    command.env_remove(name);
                }
                command.envs(set.iter().map(|(key, value)| (key, value)));
            }
        }
        if let Some(account) = &self.account {
            command.uid(account.uid).gid(account.gid);
        }
        let child = tokio::process::Command::from(command)
            .spawn()
            .with_context(|| format!("starting {}", self.executable.display()))?;
        let identity = child.id().and_then(Identity::of);
        let identity = identity.with_context(|| {
            format!(
                "{} ended as soon as it was started:\n{}",
                self.name,
                logs::tail(&self.log, log_start)
            )
        })?;
        Ok(Running {
            child,
            identity,
            log_start,
            over: false,
        })
    }

    /// Where `setpriv` is to be had, the process is told to stop when we are killed, so that nothing
    /// is left behind; without it, the next start finds and stops what was left.
    fn command(&self) -> std::process::Command {
        let Some(setpriv) = binaries::find("setpriv") else {
            return std::process::Command::new(&self.executable);
        };
        let mut command = std::process::Command::new(setpriv);
        let signal = self.stop.as_str().trim_start_matches("SIG");
        command
            .args(["--pdeathsig", signal, "--"])
            .arg(&self.executable);
        command
    }
}

impl Running {
    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<String> {
        let how = match self.child.try_wait() {
            Ok(None) => return None,
            Ok(Some(status)) => describe(status),
            Err(error) => error.to_string(),
        };
        self.sweep();
        self.over = true;
        Some(how)
    }

    /// Asks it to stop, and makes it once its time is up.
    pub(crate) async fn stop(mut self, program: &Program) {
        self.ask_to_stop(program);
        let waited = time::timeout(program.grace, self.child.wait()).await;
        self.sweep();
        if waited.is_err() {
            let _ = self.child.wait().await;
        }
        self.over = true;
    }

    pub(crate) fn ask_to_stop(&self, program: &Program) {
        // Until we have waited for it, its number is not given to anyone else.
        let _ = kill(Pid::from_raw(self.identity.pid), program.stop);
    }

    /// Ends what is left of its group: nginx's workers outlive a killed master, and keep its ports.
    fn sweep(&self) {
        if let Err(error) = killpg(Pid::from_raw(self.identity.pid), Signal::SIGKILL)
            && error != Errno::ESRCH
        {
            eprintln!("batchtrack: process group {}: {error}", self.identity.pid);
        }
    }
}

impl Drop for Running {
    /// Nothing survives us silently: whatever interrupted an orderly stop, this is the end.
    fn drop(&mut self) {
        if !self.over {
            self.sweep();
        }
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => Signal::try_from(signal).map_or_else(
            |_| format!("signal {signal}"),
            |signal| signal.as_str().to_owned(),
        ),
        (None, None) => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_number_and_its_start() {
        let me = Identity::of(std::process::id()).unwrap();
        assert!(me.is_alive());
        let earlier = Identity {
            started: me.started - 1,
            ..me
        };
        assert!(!earlier.is_alive());
    }
}
