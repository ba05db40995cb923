//! `up --detach`: the same, in a process that stays when this one returns.
use crate::{
    say::say,
    stack::{signals::Signals, state::State},
};
use anyhow::Context as _;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::{
    env,
    fs::{self, File},
    path::Path,
    process::{ExitCode, Stdio},
    time::Duration,
};
use tokio::{process::Command, time};

pub(super) async fn start(root: &Path) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let logs = root.join("logs");
    fs::create_dir_all(&logs).with_context(|| format!("making {}", logs.display()))?;
    // Named for this process: another `up --detach` may be at it at the same time.
    let log_path = logs.join(format!("up-{}.log", std::process::id()));
    let log = File::create(&log_path).with_context(|| format!("opening {}", log_path.display()))?;
    let mut child = Command::new(env::current_exe().context("finding this program")?)
        .args(
            env::args_os()
                .skip(1)
                .filter(|argument| argument != "--detach"),
        )
        .arg("--stays")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("starting the process that stays")?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
    let ready = loop {
        tokio::select! {
            status = child.wait() => {
                status.context("waiting for the process that stays")?;
                break false;
            }
            () = signals.stop() => {
                if let Some(pid) = pid {
                    let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
                }
            }
            () = time::sleep(Duration::from_millis(40)) => {
                let state = State::read(root)?;
                if state.is_some_and(|state| state.ready && Some(state.supervisor.pid) == pid) {
                    break true;
                }
            }
        }
    };
    let said = fs::read_to_string(&log_path).unwrap_or_default();
    if ready {
        fs::rename(&log_path, logs.join("up.log")).context("keeping the log")?;
        say(said.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    // It said why.
    fs::remove_file(&log_path).context("removing the log")?;
    eprintln!("{}", said.trim_end());
    Ok(ExitCode::FAILURE)
}
