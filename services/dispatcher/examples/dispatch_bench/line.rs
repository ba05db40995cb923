//! No-op jobs through our line and through graphile-worker's, the same number in the same way.
use crate::{
    child::{self, Running},
    figures::rate,
    peer,
    place::Place,
    worker::Noop,
};
use batchtrack_core::jobs::{self, NewJob};
use std::time::{Duration, Instant};
use tokio::{process::Command, time::sleep};

/// Jobs in one statement that writes them.
const AT_ONCE: u64 = 1_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Peer,
}

/// What came of one round.
pub(crate) struct Round {
    /// Written by one connection, no worker being awake.
    pub(crate) enqueued: f64,
    /// Of a line full of jobs, until it was empty.
    pub(crate) completed: f64,
}

pub(crate) fn start_ours(place: &Place) -> Running {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .arg("--worker")
        .env_clear()
        .envs(place.environment());
    Running::start(command)
}

/// All of the jobs are committed at one moment, while `processes` wait for work; then the line is
/// watched until it is empty.
pub(crate) async fn burn_down(
    place: &Place,
    side: Side,
    processes: &mut [Running],
    how_many: u64,
) -> Round {
    child::until_ready(processes).await;
    let before = child::done(processes);
    sleep(Duration::from_millis(500)).await;
    let start = Instant::now();
    write(place, side, how_many, how_many).await;
    let written = Instant::now();
    until_done(place, side, processes, before + how_many).await;
    Round {
        enqueued: rate(how_many, written - start),
        completed: rate(how_many, written.elapsed()),
    }
}

/// Jobs are committed a hundred at a time while `processes` work them: what goes through from end to
/// end.
pub(crate) async fn flow(
    place: &Place,
    side: Side,
    processes: &mut [Running],
    how_many: u64,
) -> f64 {
    child::until_ready(processes).await;
    let before = child::done(processes);
    let start = Instant::now();
    write(place, side, how_many, 100).await;
    until_done(place, side, processes, before + how_many).await;
    rate(how_many, start.elapsed())
}

/// Writes jobs, `together` of them in each transaction.
pub(crate) async fn write(place: &Place, side: Side, how_many: u64, together: u64) {
    match side {
        Side::Ours => {
            for from in (0..how_many).step_by(step(together)) {
                let to = how_many.min(from + together);
                let mut tx = place.system.begin().await.expect("a transaction");
                for first in (from..to).step_by(step(AT_ONCE)) {
                    let jobs = (first..to.min(first + AT_ONCE))
                        .map(|n| {
                            let owner = place.organization(step(n));
                            NewJob::of(&Noop { n }).for_organization(owner)
                        })
                        .collect();
                    jobs::enqueue_for_system(&mut tx, "measurement", jobs)
                        .await
                        .expect("jobs are written");
                }
                tx.commit().await.expect("a commit");
            }
        }
        Side::Peer => {
            let sql = &place.sql;
            let add = sql.prepare(peer::ADD).await.expect(peer::ADD);
            for from in (0..how_many).step_by(step(together)) {
                let to = how_many.min(from + together);
                place.run("BEGIN").await;
                for first in (from..to).step_by(step(AT_ONCE)) {
                    let last = to.min(first + AT_ONCE) - 1;
                    let range = [first, last].map(|n| i64::try_from(n).expect("a small number"));
                    sql.query(&add, &[&range[0], &range[1]])
                        .await
                        .expect("jobs are written");
                }
                place.run("COMMIT").await;
            }
        }
    }
}

fn step(by: u64) -> usize {
    usize::try_from(by).expect("a small number")
}

/// Until that many jobs have run and none of them is left in the database.
async fn until_done(place: &Place, side: Side, processes: &[Running], how_many: u64) {
    while child::done(processes) < how_many {
        sleep(Duration::from_millis(2)).await;
    }
    let table = match side {
        Side::Ours => "jobs",
        Side::Peer => peer::LINE,
    };
    let is_left = format!("SELECT EXISTS (SELECT FROM {table})");
    while place.one::<bool>(&is_left).await {
        sleep(Duration::from_millis(2)).await;
    }
}
