//! One process of ours that does nothing per job.
use batchtrack_core::{
    jobs::{Job, Queue},
    kernel::Clock,
    platform::{Lifecycle, Redis, SystemDb, config, wake::Bell},
    webhooks::{Deliver, TellOperator},
};
use batchtrack_dispatcher::work::{Ctx, JobError, Registry, Run, Runner, Work};
use serde::{Deserialize, Serialize};
use std::{
    io::Write as _,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Noop {
    pub(crate) n: u64,
}

impl Job for Noop {
    const KIND: &'static str = "measurement.noop.v1";
    const QUEUE: Queue = Queue::Bulk;
}

static DONE: AtomicU64 = AtomicU64::new(0);

impl Work for Noop {
    async fn run(self, _: &Ctx, _: &Run) -> Result<(), JobError> {
        DONE.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// The relay's jobs are taken off the line as well, and nothing is done for them either.
fn registry() -> Registry {
    Registry::default()
        .with::<Noop>()
        .drained(TellOperator::KIND)
        .drained(Deliver::KIND)
}

/// Until it is told to stop, as a dispatcher would that does nothing else.
pub(crate) async fn run() -> anyhow::Result<()> {
    let settings = config::load()?;
    let life = Lifecycle::until_signalled()?;
    let bell = Bell::default();
    let redis = Redis::connect(&settings.redis).await?;
    let system = SystemDb::connect(&settings.database, Clock::System)
        .await?
        .with_bell(&bell);
    let ctx = Ctx::connect(&settings, Clock::System).await?;
    let runner = Runner::new(system, ctx, registry(), &settings)?;
    say(&serde_json::json!({ "ready": true }))?;
    let tell = async {
        let mut told = 0;
        while life.pause(Duration::from_millis(10)).await {
            let done = DONE.load(Ordering::Relaxed);
            if done != told {
                told = done;
                say(&serde_json::json!({ "done": done }))?;
            }
        }
        anyhow::Ok(())
    };
    let (told, (), ()) = tokio::join!(tell, runner.run(&life, &bell), bell.hear(&life, &redis));
    told
}

/// A line for whoever started this.
fn say(line: &serde_json::Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
