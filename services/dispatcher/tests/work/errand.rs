//! A job that does as it is told, and a dispatcher's workers for it.
use batchtrack_core::{
    jobs::{
        self, Job, NewJob, Queue,
        operate::{self, Shown},
    },
    kernel::ids::JobId,
    platform::{Lifecycle, wake::Bell},
};
use batchtrack_dispatcher::work::{Ctx, JobError, Registry, Run, Runner, Tally, Work};
use batchtrack_testkit::TestDb;
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, num::NonZeroU32, sync::Mutex, time::Duration};

/// A job that does as it is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Errand {
    /// Of the test that asks for it.
    who: String,
    does: Does,
    lane: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Does {
    Well,
    Fail,
    FailAt(u64),
    GiveUp,
    Snooze,
    Panic,
    Hang,
    Take { ms: u64 },
}

/// How often each test's errands were begun and ended, and how many were under way at once.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Count {
    pub(crate) begun: u32,
    pub(crate) ended: u32,
    now: u32,
    pub(crate) at_once: u32,
}

static COUNTS: Mutex<BTreeMap<String, Count>> = Mutex::new(BTreeMap::new());

pub(crate) fn count(who: &str) -> Count {
    COUNTS.lock().unwrap().get(who).copied().unwrap_or_default()
}

/// Counts as under way until it ends, or is broken off.
struct UnderWay(String);

pub(crate) fn change(who: &str, change: impl FnOnce(&mut Count)) {
    change(COUNTS.lock().unwrap().entry(who.to_owned()).or_default());
}

impl UnderWay {
    fn new(who: &str) -> Self {
        change(who, |count| {
            count.begun += 1;
            count.now += 1;
            count.at_once = count.at_once.max(count.now);
        });
        Self(who.to_owned())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        change(&self.0, |count| count.now -= 1);
    }
}

impl Job for Errand {
    const KIND: &'static str = "test.errand.v1";
    const QUEUE: Queue = Queue::Bulk;
    const MAX_ATTEMPTS: i32 = 2;
    fn lane(&self) -> Option<String> {
        self.lane.clone()
    }
}

impl Work for Errand {
    const TIMEOUT: Duration = Duration::from_secs(4);

    async fn run(self, _ctx: &Ctx, run: &Run) -> Result<(), JobError> {
        let here = UnderWay::new(&self.who);
        assert!(run.attempt >= 1 && run.max_attempts == 2);
        let outcome = match self.does {
            Does::Well => Ok(()),
            Does::Fail => Err(anyhow::anyhow!("no luck").into()),
            Does::FailAt(seconds) => Err(JobError::RetryAt {
                after: Duration::from_secs(seconds),
                cause: anyhow::anyhow!("come back later"),
            }),
            Does::GiveUp => Err(JobError::give_up(anyhow::anyhow!("hopeless"))),
            Does::Snooze => Err(JobError::Snooze(Duration::from_mins(1))),
            Does::Panic => panic!("over the edge"),
            Does::Hang => {
                tokio::time::sleep(Duration::from_mins(1)).await;
                Ok(())
            }
            Does::Take { ms } => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                Ok(())
            }
        };
        change(&here.0, |count| count.ended += 1);
        outcome
    }
}

/// A kind that this program once knew.
#[derive(Serialize, Deserialize)]
pub(crate) struct Former;

impl Job for Former {
    const KIND: &'static str = "test.former.v1";
    const QUEUE: Queue = Queue::Bulk;
}

/// One that only another version knows.
#[derive(Serialize, Deserialize)]
pub(crate) struct Unheard;

impl Job for Unheard {
    const KIND: &'static str = "test.unheard.v1";
    const QUEUE: Queue = Queue::Bulk;
}

pub(crate) fn errand(who: &str, does: Does) -> NewJob {
    NewJob::of(&Errand {
        who: who.to_owned(),
        does,
        lane: None,
    })
}

pub(crate) fn in_lane(who: &str, does: Does, lane: &str) -> NewJob {
    NewJob::of(&Errand {
        who: who.to_owned(),
        does,
        lane: Some(lane.to_owned()),
    })
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// A line of `test` with a name of its own, so that the counts of two tests don't mix.
pub(crate) struct Works {
    pub(crate) t: TestDb,
    pub(crate) bell: Bell,
    pub(crate) life: Lifecycle,
}

impl Works {
    pub(crate) async fn new() -> Self {
        let mut t = TestDb::new().await;
        t.settings.jobs.queues = vec!["bulk".to_owned()];
        t.settings.jobs.poll_interval_ms = 100;
        // Long enough that nobody is given up only because the machine is busy.
        t.settings.jobs.lease_seconds = NonZeroU32::new(18).unwrap();
        t.settings.shutdown.timeout_seconds = 5;
        t.settings
            .jobs
            .concurrency
            .insert("bulk".to_owned(), NonZeroU32::new(8).unwrap());
        Self {
            t,
            bell: Bell::default(),
            life: Lifecycle::default(),
        }
    }

    pub(crate) async fn runner(&self) -> Runner {
        let ctx = Ctx::connect(&self.t.settings, self.t.clock.clone())
            .await
            .unwrap();
        let registry = Registry::default().with::<Errand>().drained(Former::KIND);
        let system = self.t.system.clone().with_bell(&self.bell);
        Runner::new(system, ctx, registry, &self.t.settings).unwrap()
    }

    pub(crate) async fn enqueue(&self, jobs: Vec<NewJob>) {
        let system = self.t.system.clone().with_bell(&self.bell);
        let mut tx = system.begin().await.unwrap();
        jobs::enqueue_for_system(&mut tx, "test", jobs)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn once(&self) -> Tally {
        let runner = self.runner().await;
        runner.run_once(&self.life, &self.bell).await.unwrap()
    }

    /// Works until `enough` is true, then stops; fails if that takes too long.
    pub(crate) async fn until(&self, enough: impl AsyncFn() -> bool) {
        Box::pin(self.work_until(enough)).await;
    }

    async fn work_until(&self, enough: impl AsyncFn() -> bool) {
        let runner = self.runner().await;
        let watch = async {
            while !enough().await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            self.life.stop();
        };
        let both = async { tokio::join!(runner.run(&self.life, &self.bell), watch) };
        tokio::time::timeout(Duration::from_mins(2), both)
            .await
            .expect("it comes to an end");
    }

    /// Every job there is, the oldest first.
    pub(crate) async fn all(&self) -> Vec<Shown> {
        let sql = "SELECT id AS n FROM jobs UNION ALL SELECT id FROM jobs_delayed \
                   UNION ALL SELECT id FROM jobs_dead ORDER BY n";
        let ids: Vec<Number> = diesel::sql_query(sql)
            .load(&mut self.t.owner_conn().await)
            .await
            .unwrap();
        let mut tx = self.t.system.begin().await.unwrap();
        let mut all = vec![];
        for id in ids {
            // It may have been done since.
            all.extend(operate::find(&mut tx, JobId::new(id.n)).await.unwrap());
        }
        all
    }

    pub(crate) async fn held(&self, whether: bool) -> i64 {
        let sql =
            format!("SELECT count(*) AS n FROM jobs WHERE (worker_id IS NOT NULL) = {whether}");
        let found: Number = diesel::sql_query(sql)
            .get_result(&mut self.t.owner_conn().await)
            .await
            .unwrap();
        found.n
    }

    /// Runs statements as the owner.
    pub(crate) async fn sql(&self, sql: &str) {
        self.t.owner_conn().await.batch_execute(sql).await.unwrap();
    }

    pub(crate) async fn workers(&self) -> Vec<operate::Worker> {
        let mut tx = self.t.system.begin().await.unwrap();
        operate::workers(&mut tx).await.unwrap()
    }
}

pub(crate) fn states(jobs: &[Shown]) -> Vec<(&str, i32)> {
    jobs.iter()
        .map(|job| (job.state.as_str(), job.attempt))
        .collect()
}
