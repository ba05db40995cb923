//! Processes that outlived their supervisor.
//!
//! A number alone proves nothing: it may have been given to somebody else since. So a process is ours
//! only if it also began when ours did, or belongs to a group of ours and works in a folder of ours.
use super::{
    process::Identity,
    state::{Recorded, State},
};
use crate::say::say;
use nix::sys::signal::Signal;
use std::{fs, path::Path, str::FromStr as _, time::Duration};
use tokio::time::{self, Instant};

/// Stops what an earlier run left behind. The caller holds the lock, so nobody looks after it.
/// Answers how many processes that were.
pub(crate) async fn stop(root: &Path) -> anyhow::Result<usize> {
    let state = match State::read(root) {
        Ok(Some(state)) => state,
        Ok(None) => return Ok(0),
        Err(error) => {
            // Another version wrote it. Not knowing what it left is no reason never to start again.
            say(format_args!(
                "Ignoring what an earlier run wrote down: {error:#}"
            ));
            State::remove(root);
            return Ok(0);
        }
    };
    let mut stopped = 0;
    // Backwards: what was started last leans on what was started first.
    for process in state.processes.iter().rev() {
        stopped += stop_one(process, &state).await;
    }
    State::remove(root);
    Ok(stopped)
}

async fn stop_one(process: &Recorded, state: &State) -> usize {
    let signal = Signal::from_str(&process.stop).unwrap_or(Signal::SIGTERM);
    let mut found = members(process, state);
    let count = found.len();
    process.identity.signal(signal);
    if !gone(&mut found, process, state, Duration::from_secs(15)).await {
        for member in &found {
            member.signal(Signal::SIGKILL);
        }
        gone(&mut found, process, state, Duration::from_secs(5)).await;
    }
    count
}

async fn gone(
    found: &mut Vec<Identity>,
    process: &Recorded,
    state: &State,
    patience: Duration,
) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        *found = members(process, state);
        if found.is_empty() {
            return true;
        }
        if !process.identity.is_alive() {
            // The head is gone, so nobody tells the rest.
            for member in found.iter() {
                member.signal(Signal::SIGKILL);
            }
        }
        if Instant::now() >= deadline {
            return false;
        }
        time::sleep(Duration::from_millis(50)).await;
    }
}

/// The process itself, and what lives of its group.
fn members(process: &Recorded, state: &State) -> Vec<Identity> {
    let head = process.identity;
    let mut found: Vec<Identity> = head.is_alive().then_some(head).into_iter().collect();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        if i32::try_from(pid) != Ok(head.pid)
            && group_of(&entry.path()) == Some(head.pid)
            && works_in_ours(&entry.path(), state)
            && let Some(member) = Identity::of(pid)
        {
            found.push(member);
        }
    }
    found
}

fn group_of(process: &Path) -> Option<i32> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(2)?.parse().ok()
}

fn works_in_ours(process: &Path, state: &State) -> bool {
    let Ok(folder) = fs::read_link(process.join("cwd")) else {
        return false;
    };
    state.folders.iter().any(|ours| folder.starts_with(ours))
}
