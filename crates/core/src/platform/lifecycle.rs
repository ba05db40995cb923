//! How a process ends: a soft stop asks, a hard stop insists, and tracked tasks are waited for.
use std::{future::Future, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
}

impl Lifecycle {
    /// A life that ends with SIGTERM or Ctrl-C; a second Ctrl-C does not wait.
    pub fn until_signalled() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let life = Self::default();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let watched = life.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "the watcher itself must not be waited for"
        )]
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("stopping");
            watched.stop();
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            watched.hard.cancel();
        });
        Ok(life)
    }

    /// Begins the soft stop.
    pub fn stop(&self) {
        self.soft.cancel();
    }
    pub fn is_stopping(&self) -> bool {
        self.soft.is_cancelled()
    }
    /// Resolves when the soft stop begins: take no new work.
    pub async fn stopping(&self) {
        self.soft.cancelled().await;
    }
    /// Resolves when there is no more time: let go of everything.
    pub async fn stopped(&self) {
        self.hard.cancelled().await;
    }

    /// Runs `task` in the background; shutdown waits for it.
    pub fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(task);
    }

    /// Waits for the tasks, at most `patience`, then insists.
    pub async fn finish(&self, patience: Duration) {
        self.stop();
        self.tasks.close();
        let hard = self.hard.clone();
        tokio::select! {
            () = self.tasks.wait() => {}
            () = tokio::time::sleep(patience) => tracing::warn!("some tasks did not end in time"),
            () = hard.cancelled() => {}
        }
        self.hard.cancel();
    }

    /// Sleeps for `pause` or until the soft stop; says whether to go on.
    pub async fn pause(&self, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => !self.is_stopping(),
            () = self.soft.cancelled() => false,
        }
    }
}
