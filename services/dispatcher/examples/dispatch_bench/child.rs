//! Processes that work, and what they say of it: JSON, a line each time.
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::sleep,
};

/// A process that is killed, if need be, with this value.
pub(crate) struct Running {
    child: Child,
    is_ready: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (is_ready, done) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let output = child.stdout.take().expect("a pipe");
        let said = (is_ready.clone(), done.clone());
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let Ok(line) = serde_json::from_str::<serde_json::Value>(&line) else {
                    continue;
                };
                if let Some(done) = line.get("done").and_then(serde_json::Value::as_u64) {
                    said.1.store(done, Ordering::Relaxed);
                }
                if line.get("ready").is_some() {
                    said.0.store(true, Ordering::Relaxed);
                }
            }
        });
        Self {
            child,
            is_ready,
            done,
        }
    }

    pub(crate) async fn until_ready(&mut self) {
        while !self.is_ready.load(Ordering::Relaxed) {
            if let Some(status) = self.child.try_wait().expect("a child of ours") {
                panic!("it ended before it was ready: {status}");
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    pub(crate) async fn stop(mut self) {
        terminate(&mut self.child).await;
    }
}

/// Tells a process to end, and waits until it has.
pub(crate) async fn terminate(child: &mut Child) {
    if let Some(id) = child.id() {
        let id = i32::try_from(id).expect("a process id");
        let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
    }
    let ended = tokio::time::timeout(Duration::from_secs(40), child.wait()).await;
    assert!(ended.is_ok(), "a process did not end when it was told to");
}

pub(crate) async fn until_ready(processes: &mut [Running]) {
    for process in processes {
        process.until_ready().await;
    }
}

pub(crate) fn done(processes: &[Running]) -> u64 {
    processes.iter().map(Running::done).sum()
}

pub(crate) async fn stop(processes: Vec<Running>) {
    for process in processes {
        process.stop().await;
    }
}
