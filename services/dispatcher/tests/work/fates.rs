//! What becomes of a job: done, failed, given up, put off, and who does it.
use super::errand::{Does, Former, Unheard, Works, count, errand, in_lane};
use batchtrack_core::jobs::{NewJob, operate::Shown};
use std::{
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::Duration,
};

#[tokio::test(flavor = "multi_thread")]
async fn each_outcome_has_its_fate() {
    let w = Works::new().await;
    let who = "fates";
    let does = [
        Does::Well,
        Does::Fail,
        Does::FailAt(300),
        Does::GiveUp,
        Does::Snooze,
        Does::Panic,
        Does::Hang,
    ];
    let mut jobs: Vec<_> = does.into_iter().map(|does| errand(who, does)).collect();
    jobs.push(NewJob::of(&Unheard));
    jobs.push(NewJob::of(&Former));
    w.enqueue(jobs).await;
    let tally = w.once().await;
    assert_eq!((tally.done, tally.failed), (2, 5));
    let left = w.all().await;
    let said: Vec<_> = left
        .iter()
        .map(|job| (job.state.as_str(), job.last_error.as_deref().unwrap_or("")))
        .collect();
    assert_eq!(
        said,
        [
            ("delayed", "no luck"),
            ("delayed", "come back later"),
            ("dead", "hopeless"),
            ("delayed", ""),
            ("delayed", "it panicked: over the edge"),
            ("delayed", "it took longer than 4s"),
            ("delayed", "nobody knew how to do a test.unheard.v1"),
        ]
    );
    let wait = |job: &Shown| (job.since - w.t.clock.now()).num_seconds();
    assert!(
        (4..=6).contains(&wait(&left[0])),
        "the backoff of every kind"
    );
    assert_eq!(wait(&left[1]), 300, "as it was told");

    // The second attempt is the last; what was put off, or not known, has all of them left.
    w.t.clock.advance(chrono::Duration::minutes(10));
    assert_eq!(w.once().await.failed, 4);
    let left = w.all().await;
    let dead: Vec<_> = left.iter().map(|job| job.state.as_str()).collect();
    assert_eq!(
        dead,
        ["dead", "dead", "dead", "delayed", "dead", "dead", "delayed"]
    );
    assert!(w.workers().await.is_empty(), "nobody is left on the list");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_lane_holds_up_nobody_else() {
    let w = Works::new().await;
    let mut jobs: Vec<_> = (0..40)
        .map(|_| in_lane("slow", Does::Hang, "slow"))
        .collect();
    jobs.extend((0..200).map(|n| in_lane("quick", Does::Well, &format!("lane {}", n % 20))));
    jobs.extend((0..10).map(|_| errand("none", Does::Well)));
    w.enqueue(jobs).await;
    let begun = std::time::Instant::now();
    w.until(async || count("quick").ended == 200 && count("none").ended == 10)
        .await;
    assert!(begun.elapsed() < Duration::from_secs(30));
    let slow = count("slow");
    assert!(slow.at_once <= 4, "{slow:?}");
    assert!(slow.begun >= 4, "{slow:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_with_much_to_do_gets_it_done() {
    let w = Works::new().await;
    let jobs = (0..300).map(|_| in_lane("busy", Does::Take { ms: 2 }, "busy"));
    w.enqueue(jobs.collect()).await;
    w.until(async || count("busy").ended == 300).await;
    assert!(w.all().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runners_do_each_job_once() {
    let w = Works::new().await;
    w.enqueue((0..400).map(|_| errand("two", Does::Well)).collect())
        .await;
    let (one, other) = (w.runner().await, w.runner().await);
    let (one, other) = tokio::join!(
        one.run_once(&w.life, &w.bell),
        other.run_once(&w.life, &w.bell)
    );
    assert_eq!(one.unwrap().done + other.unwrap().done, 400);
    assert_eq!(count("two").begun, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_it_works_is_done_at_once() {
    let mut w = Works::new().await;
    // So that nobody but the bell can have told.
    w.t.settings.jobs.poll_interval_ms = 60_000;
    let (w, sent) = (w, AtomicU32::new(0));
    w.until(async || {
        let done = count("rung").ended;
        if sent.load(SeqCst) == done && done < 5 {
            sent.store(done + 1, SeqCst);
            w.enqueue(vec![errand("rung", Does::Well)]).await;
        }
        done == 5
    })
    .await;
}
