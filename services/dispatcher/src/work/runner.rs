//! Works the queues: one [`Line`] each, under one lease, with one who notes what is done.
use super::{
    Ctx, Registry,
    attempt::Bench,
    completer::{self, Tally},
    lease::{Keeper, Lease, in_time},
    line::Line,
    measures::Measures,
};
use batchtrack_core::{
    jobs::{self, Queue},
    platform::{Lifecycle, Settings, SystemDb, config::JobSettings, wake::Bell},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// Delayed jobs moved in one go.
const PROMOTED: i64 = 500;
/// How far back to look for jobs that are due, and how often to look at all of them: the sooner ones
/// have gone, and what they left behind can't be cleared away while a snapshot is held open.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(1);
const LOOK_AT_ALL: Duration = Duration::from_secs(15);
/// For the last words with the database, out of the time that a process has to stop.
const LAST_WORDS: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(10);

/// Works jobs.
pub struct Runner {
    bench: Arc<Bench>,
    settings: JobSettings,
    queues: Vec<Queue>,
    patience: Duration,
}

impl Runner {
    /// Leases and lines are kept through `system`, so that jobs which take all connections of their
    /// own (`ctx`) can't get in the way.
    pub fn new(
        system: SystemDb,
        ctx: Ctx,
        registry: Registry,
        settings: &Settings,
    ) -> anyhow::Result<Self> {
        let queues = queues(&settings.jobs)?;
        let patience = Duration::from_secs(settings.shutdown.timeout_seconds);
        Ok(Self {
            bench: Arc::new(Bench {
                ctx,
                system,
                registry,
                measures: Measures::new(),
            }),
            settings: settings.jobs.clone(),
            queues,
            patience: patience
                .saturating_sub(LAST_WORDS)
                .max(Duration::from_secs(1)),
        })
    }

    /// Works until the process is to stop, then gives back what has not begun and waits a while for
    /// the rest.
    pub async fn run(&self, life: &Lifecycle, bell: &Bell) {
        let (system, measures) = (&self.bench.system, &self.bench.measures);
        tokio::join!(
            self.work(life, bell, false),
            self.promote(life),
            self.rescue(life),
            measures.watch(life, system),
        );
    }

    /// Does everything that is due now, and what comes of it, and says how that went.
    pub async fn run_once(&self, life: &Lifecycle, bell: &Bell) -> anyhow::Result<Tally> {
        let mut all = Tally::default();
        let system = &self.bench.system;
        jobs::rescue(system, self.settings.lease()).await?;
        loop {
            while jobs::promote(system, DateTime::UNIX_EPOCH, PROMOTED).await? > 0 {}
            let round = self.work(life, bell, true).await;
            all.done += round.done;
            all.failed += round.failed;
            all.put_off += round.put_off;
            if round == Tally::default() || life.is_stopping() {
                self.bench.measures.look(system).await?;
                return Ok(all);
            }
        }
    }

    async fn work(&self, life: &Lifecycle, bell: &Bell, once: bool) -> Tally {
        let leases = watch::Sender::new(None);
        let finished = CancellationToken::new();
        let (ended, to_note) = mpsc::channel(completer::BACKLOG);
        let mut lines = JoinSet::new();
        for &served in &self.queues {
            let of_queue = Line {
                bench: self.bench.clone(),
                queue: served,
                concurrency: self.settings.concurrency_of(served.as_str()),
                lane_limit: usize::try_from(self.settings.lane_concurrency.get()).unwrap_or(1),
                poll: self.settings.poll_interval(),
                ended: ended.clone(),
                leases: leases.subscribe(),
                rung: bell.listen(served.as_str()),
                once,
                patience: self.patience,
            };
            lines.spawn(of_queue.work(life.clone()));
        }
        drop(ended);
        let bench = self.bench.clone();
        let mut notes = JoinSet::new();
        notes.spawn(
            async move { completer::complete(&bench.system, &bench.measures, to_note).await },
        );
        let keeper = Keeper {
            system: self.bench.system.clone(),
            host: host(),
            queues: self.queues.clone(),
            length: self.settings.lease(),
        };
        let everything = async {
            while lines.join_next().await.is_some() {}
            let tally = tokio::select! {
                tally = notes.join_next() => tally.and_then(Result::ok).unwrap_or_default(),
                () = async { life.stopping().await; tokio::time::sleep(self.patience).await } => {
                    Tally::default()
                }
            };
            finished.cancel();
            tally
        };
        let (tally, ()) = tokio::join!(everything, keeper.keep(&leases, &finished));
        let last = leases.borrow().clone();
        self.leave(last).await;
        tally
    }

    /// Takes this worker off the list, so that nobody has to wait for its lease to end.
    async fn leave(&self, lease: Option<Arc<Lease>>) {
        let Some(lease) = lease else { return };
        match in_time(LAST_WORDS, jobs::retire(&self.bench.system, lease.worker)).await {
            Ok(0) => {}
            Ok(handed_back) => tracing::info!(handed_back, "jobs were handed back"),
            Err(error) => {
                tracing::warn!(
                    error,
                    "the worker could not leave; its lease has to run out"
                );
            }
        }
    }

    /// Puts delayed jobs into their lines when their time has come.
    async fn promote(&self, life: &Lifecycle) {
        let clock = &self.bench.ctx.clock;
        let mut since = DateTime::<Utc>::UNIX_EPOCH;
        let mut all_at = tokio::time::Instant::now();
        loop {
            let now = clock.now();
            match in_time(ANSWER, jobs::promote(&self.bench.system, since, PROMOTED)).await {
                Ok(promoted) if promoted >= PROMOTED => {
                    if life.is_stopping() {
                        return;
                    }
                    continue;
                }
                Ok(_) => since = now - LOOK_BACK,
                Err(error) => tracing::warn!(error, "delayed jobs could not be put in line"),
            }
            if all_at.elapsed() >= LOOK_AT_ALL {
                all_at = tokio::time::Instant::now();
                since = DateTime::UNIX_EPOCH;
            }
            let poll = self.settings.poll_interval();
            if !life
                .pause(poll.mul_f64(0.75 + crate::pace::roll() / 4.0))
                .await
            {
                return;
            }
        }
    }

    /// Gives up workers that are not heard of. No job, for it must work when no job does.
    async fn rescue(&self, life: &Lifecycle) {
        let lease = self.settings.lease();
        loop {
            match in_time(ANSWER, jobs::rescue(&self.bench.system, lease)).await {
                Ok(rescued) if rescued.workers > 0 => {
                    self.bench.measures.rescued(rescued.jobs);
                    tracing::warn!(
                        workers = rescued.workers,
                        jobs = rescued.jobs,
                        "workers were lost; what they held is put back"
                    );
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(error, "lost workers could not be looked for"),
            }
            let pause = (lease / 6).mul_f64(0.75 + crate::pace::roll() / 4.0);
            if !life.pause(pause).await {
                return;
            }
        }
    }
}

/// Those that this process is to serve, each once.
fn queues(settings: &JobSettings) -> anyhow::Result<Vec<Queue>> {
    for name in settings.concurrency.keys() {
        name.parse::<Queue>()
            .map_err(|error| anyhow::anyhow!("[jobs.concurrency] {name}: {error}"))?;
    }
    if settings.queues.is_empty() {
        return Ok(Queue::ALL.to_vec());
    }
    let mut queues = vec![];
    for name in &settings.queues {
        let queue = name
            .parse()
            .map_err(|error| anyhow::anyhow!("DISPATCHER_QUEUES: {name}: {error}"))?;
        if !queues.contains(&queue) {
            queues.push(queue);
        }
    }
    Ok(queues)
}

/// As the operator knows this machine, or container.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname");
    name.map_or_else(|_| "unknown".to_owned(), |name| name.trim().to_owned())
}
