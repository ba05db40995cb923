//! Leases: a worker that is not heard of, one that leaves, and jobs that kill their workers.
use super::{claim, ended, enqueue, errand, failed, numbers, with_key, worker};
use crate::sql::{change, number};
use batchtrack_core::jobs::{self, Fate, Queue, Receipt, Rescued};
use batchtrack_testkit::TestDb;
use chrono::TimeDelta;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_beats_keeps_its_jobs_and_a_silent_one_loses_them() {
    let t = TestDb::new().await;
    enqueue(&t, (1..=4).map(errand).collect()).await;
    let (alive, silent) = (worker(&t).await, worker(&t).await);
    assert_eq!(numbers(&claim(&t, alive, 2).await), [1, 2]);
    assert_eq!(numbers(&claim(&t, silent, 2).await), [3, 4]);
    let mut owner = t.owner_conn().await;
    let long_ago = "UPDATE job_workers SET heartbeat_at = heartbeat_at - interval '1 minute'";
    change(&mut owner, long_ago).await.unwrap();
    assert!(jobs::beat(&t.system, alive).await.unwrap());
    let attempts = (0..4).map(|_| jobs::rescue(&t.system, LEASE));
    let rescued: Vec<_> = futures_util::future::join_all(attempts)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rescued.iter().map(|r| r.jobs).sum::<i64>(), 2);
    assert!(!jobs::beat(&t.system, silent).await.unwrap());
    assert!(
        claim(&t, silent, 10).await.is_empty(),
        "who was given up takes nothing"
    );
    let again = claim(&t, alive, 10).await;
    assert_eq!(numbers(&again), [3, 4]);
    assert!(again.iter().all(|job| job.suspect));
    assert_eq!(
        jobs::rescue(&t.system, LEASE).await.unwrap(),
        Rescued::default()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_gives_everything_back_to_its_place() {
    let t = TestDb::new().await;
    enqueue(&t, vec![errand(1), with_key(2, "a"), errand(3)]).await;
    let (leaves, stays) = (worker(&t).await, worker(&t).await);
    let held = claim(&t, leaves, 10).await;
    enqueue(&t, vec![errand(4)]).await;
    let first = held.iter().find(|job| job.args["n"] == 1).unwrap();
    let released = jobs::release(&t.system, leaves, &[first.receipt()], Some(Queue::Bulk)).await;
    assert_eq!(released.unwrap(), 1);
    assert_eq!(jobs::retire(&t.system, leaves).await.unwrap(), 2);
    let found = claim(&t, stays, 10).await;
    assert_eq!(numbers(&found).len(), 4);
    assert_eq!(
        numbers(&found).last(),
        Some(&4),
        "behind those that came before"
    );
    assert!(found.iter().all(|job| !job.suspect && job.failures == 0));
    let workers = "SELECT count(*) AS n FROM job_workers";
    assert_eq!(number(&mut t.owner_conn().await, workers).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_claimed_unawares_is_put_back_and_nothing_else() {
    let t = TestDb::new().await;
    let me = worker(&t).await;
    enqueue(&t, vec![errand(1), errand(2)]).await;
    let held = claim(&t, me, 1).await;
    // The answer to this is lost.
    assert_eq!(numbers(&claim(&t, me, 1).await), [2]);
    let known = [held[0].receipt()];
    let disown = async |queue| jobs::disown(&t.system, me, queue, &known).await.unwrap();
    assert_eq!(disown(Queue::Mail).await, 0);
    assert_eq!(disown(Queue::Bulk).await, 1);
    assert_eq!(disown(Queue::Bulk).await, 0);
    let again = claim(&t, me, 10).await;
    assert_eq!((numbers(&again), again[0].attempt), (vec![2], 2));
    // It knows of the job, but not that it holds it once more.
    let stale = [
        held[0].receipt(),
        Receipt {
            attempt: 1,
            ..again[0].receipt()
        },
    ];
    assert_eq!(
        jobs::disown(&t.system, me, Queue::Bulk, &stale)
            .await
            .unwrap(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_workers_uses_up_its_attempts_and_its_neighbours_do_not() {
    let t = TestDb::new().await;
    enqueue(&t, vec![errand(1), errand(2)]).await;
    let mut owner = t.owner_conn().await;
    for round in 0..5 {
        let me = worker(&t).await;
        let held = claim(&t, me, 10).await;
        assert_eq!(numbers(&held), [1, 2]);
        assert_eq!(
            (held[0].failures, held[1].failures),
            ((round - 1).max(0), 0),
            "the first loss is nobody's fault for sure"
        );
        if held[0].suspect {
            assert!(jobs::begin(&t.system, me, &held[0]).await.unwrap());
        }
        let long_ago = "UPDATE job_workers SET heartbeat_at = heartbeat_at - interval '1 minute'";
        change(&mut owner, long_ago).await.unwrap();
        assert_eq!(jobs::rescue(&t.system, LEASE).await.unwrap().jobs, 2);
        assert!(!jobs::begin(&t.system, me, &held[0]).await.unwrap());
    }
    // One that was begun as a suspect is not counted twice when it fails in the ordinary way.
    let me = worker(&t).await;
    let held = claim(&t, me, 10).await;
    assert!(jobs::begin(&t.system, me, &held[1]).await.unwrap());
    let soon = t.clock.now() + TimeDelta::seconds(1);
    jobs::finish(
        &t.system,
        me,
        &[ended(&held[1], failed(soon)), ended(&held[0], Fate::Done)],
    )
    .await
    .unwrap();
    let failures = "SELECT failures::bigint AS n FROM jobs_delayed";
    assert_eq!(number(&mut owner, failures).await, 1);
}
