//! Lines of jobs: who holds what, who may finish it, and what nobody may do twice.
mod exactly_once;
mod later;
mod looking;
mod operating;
mod workers;

use batchtrack_core::{
    jobs::{self, Claimed, Fate, Finished, Floor, Job, NewJob, Queue},
    kernel::ids::WorkerId,
};
use batchtrack_testkit::TestDb;
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// A job about nothing in particular.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Errand {
    n: i64,
    lane: Option<String>,
    key: Option<String>,
}

impl Job for Errand {
    const KIND: &'static str = "test.errand.v1";
    const QUEUE: Queue = Queue::Bulk;
    fn unique_key(&self) -> Option<String> {
        self.key.clone()
    }
    fn lane(&self) -> Option<String> {
        self.lane.clone()
    }
}

fn errand(n: i64) -> NewJob {
    NewJob::of(&Errand {
        n,
        ..Errand::default()
    })
}

fn in_lane(n: i64, lane: &str) -> NewJob {
    NewJob::of(&Errand {
        n,
        lane: Some(lane.to_owned()),
        key: None,
    })
}

fn with_key(n: i64, key: &str) -> NewJob {
    NewJob::of(&Errand {
        n,
        lane: None,
        key: Some(key.to_owned()),
    })
}

async fn enqueue(t: &TestDb, jobs: Vec<NewJob>) {
    let mut tx = t.system.begin().await.unwrap();
    jobs::enqueue_for_system(&mut tx, "test", jobs)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn worker(t: &TestDb) -> WorkerId {
    jobs::register(&t.system, "here", 1, &[Queue::Bulk])
        .await
        .unwrap()
}

/// A look at the whole line, by somebody who has not looked before.
async fn claim(t: &TestDb, worker: WorkerId, most: usize) -> Vec<Claimed> {
    let scan = Floor::default().scan(Instant::now());
    jobs::claim(&t.system, worker, Queue::Bulk, scan, most, vec![])
        .await
        .unwrap()
}

fn numbers(jobs: &[Claimed]) -> Vec<i64> {
    jobs.iter()
        .map(|job| job.args["n"].as_i64().unwrap())
        .collect()
}

fn ended(job: &Claimed, fate: Fate) -> Finished {
    Finished {
        job: job.receipt(),
        fate,
    }
}

fn failed(at: chrono::DateTime<chrono::Utc>) -> Fate {
    Fate::Later {
        at,
        failed: true,
        error: Some("no".to_owned()),
    }
}
