//! Workers that stop, die, or are given up, and what becomes of what they held.
use super::errand::{Does, Works, count, errand, states};
use batchtrack_core::jobs::{self, Floor, Queue};
use std::{
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::Duration,
};

#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_to_stop_ends_what_is_under_way_and_hands_back_the_rest() {
    let w = Works::new().await;
    w.enqueue(
        (0..30)
            .map(|_| errand("stop", Does::Take { ms: 1_500 }))
            .collect(),
    )
    .await;
    w.until(async || count("stop").begun >= 8).await;
    let counted = count("stop");
    assert_eq!((counted.begun, counted.ended), (8, 8));
    let left = w.all().await;
    assert_eq!(left.len(), 22);
    assert!(left.iter().all(|job| job.state.as_str() == "waiting"));
    assert!(w.workers().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_in_time_is_broken_off_and_done_again() {
    let w = Works::new().await;
    w.enqueue(vec![errand("late", Does::Hang), errand("late", Does::Well)])
        .await;
    let begun = std::time::Instant::now();
    w.until(async || count("late").begun == 2 && count("late").ended == 1)
        .await;
    assert!(begun.elapsed() < Duration::from_secs(20));
    let left = w.all().await;
    // It may just have failed by its own time limit; in any case it is not lost, nor held.
    assert_eq!(left.len(), 1);
    assert_ne!(left.first().map(|job| job.state.as_str()), Some("running"));
    assert!(w.workers().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_given_up_lets_go_and_begins_anew() {
    let w = Works::new().await;
    w.enqueue(vec![errand("given up", Does::Take { ms: 2_500 })])
        .await;
    let struck = AtomicU32::new(0);
    w.until(async || {
        if struck.load(SeqCst) == 0 && count("given up").begun == 1 {
            struck.store(1, SeqCst);
            // As if this process had been asleep for long.
            let workers = w.workers().await;
            let busy = workers.iter().find(|worker| worker.running == 1).unwrap();
            assert_eq!(jobs::retire(&w.t.system, busy.id).await.unwrap(), 1);
        }
        count("given up").ended >= 1 && w.all().await.is_empty()
    })
    .await;
    let counted = count("given up");
    assert!(counted.begun >= 2, "{counted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_of_a_worker_that_died_are_done_by_another() {
    let w = Works::new().await;
    w.enqueue((0..5).map(|_| errand("orphans", Does::Well)).collect())
        .await;
    // It claims and is never heard of again.
    let gone = jobs::register(&w.t.system, "gone", 1, &[Queue::Bulk])
        .await
        .unwrap();
    let scan = Floor::default().scan(std::time::Instant::now());
    let held = jobs::claim(&w.t.system, gone, Queue::Bulk, scan, 10, vec![])
        .await
        .unwrap();
    assert_eq!(held.len(), 5);
    assert_eq!(states(&w.all().await), [("running", 1); 5]);
    w.sql("UPDATE job_workers SET heartbeat_at = heartbeat_at - interval '1 minute'")
        .await;
    w.until(async || w.all().await.is_empty()).await;
    assert_eq!(count("orphans").ended, 5);
}

/// A claim that is given up may still be carried out, after the worker has asked what it holds.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_unawares_is_given_back_and_done() {
    let w = Works::new().await;
    w.enqueue(vec![
        errand("unawares", Does::Take { ms: 3_500 }),
        errand("unawares", Does::Well),
    ])
    .await;
    let step = AtomicU32::new(0);
    w.until(async || {
        if step.load(SeqCst) == 0 && count("unawares").ended == 1 {
            step.store(1, SeqCst);
            // Looks fail for a while, so their answers are in doubt.
            w.sql("ALTER TABLE jobs RENAME COLUMN lane TO track").await;
            tokio::time::sleep(Duration::from_secs(2)).await;
            w.sql("ALTER TABLE jobs RENAME COLUMN track TO lane").await;
            tokio::time::sleep(Duration::from_secs(2)).await;
            w.enqueue(vec![errand("lost on the way", Does::Well).at(w.t.clock.now() + chrono::TimeDelta::hours(1))])
                .await;
            w.sql(
                "INSERT INTO jobs (id, queue, kind, args, lane, correlation_id, enqueued_at, available_at, attempt, \
                                   worker_id, claimed_at) \
                 SELECT id, queue, kind, args, lane, correlation_id, enqueued_at, run_at, 1, \
                        (SELECT min(id) FROM job_workers), enqueued_at FROM jobs_delayed; \
                 DELETE FROM jobs_delayed",
            )
            .await;
        }
        count("lost on the way").ended == 1 && count("unawares").ended == 2
    })
    .await;
    assert_eq!(
        count("unawares").begun,
        2,
        "what it knows that it does, it keeps"
    );
    let left = w.all().await;
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_ready_is_handed_back_while_the_rest_is_still_under_way() {
    let mut w = Works::new().await;
    // So that it is not handed back because everybody is busy.
    w.t.settings.jobs.poll_interval_ms = 60_000;
    let quick = (0..200).map(|_| errand("quick ones", Does::Well));
    w.t.settings.shutdown.timeout_seconds = 13;
    let slow = (0..40).map(|_| errand("slow ones", Does::Take { ms: 3_500 }));
    w.enqueue(quick.chain(slow).collect()).await;
    let runner = w.runner().await;
    let told = async {
        while count("slow ones").begun < 8 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let held = w.held(true).await;
        assert!(held > 8, "nothing lies ready, so this proves nothing");
        let ended = count("slow ones").ended;
        w.life.stop();
        while w.held(true).await > 8 {
            assert_eq!(count("slow ones").ended, ended, "it waits for those to end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::join!(runner.run(&w.life, &w.bell), told);
    let ended = i64::from(count("slow ones").ended);
    assert_eq!((w.held(false).await, w.held(true).await), (40 - ended, 0));
    assert!(w.workers().await.is_empty());
}
