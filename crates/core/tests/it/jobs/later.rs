//! What has to wait, and what comes round.
use super::{claim, ended, enqueue, errand, failed, numbers, with_key, worker};
use crate::sql::number;
use batchtrack_core::{
    jobs::{self, Every, Fate, operate},
    kernel::StoreError,
};
use batchtrack_testkit::TestDb;
use chrono::{DateTime, TimeDelta};

const SINCE_EVER: DateTime<chrono::Utc> = DateTime::UNIX_EPOCH;

#[tokio::test(flavor = "multi_thread")]
async fn delayed_jobs_join_the_end_of_the_line_in_their_time() {
    let t = TestDb::new().await;
    let now = t.clock.now();
    enqueue(
        &t,
        vec![
            errand(3).at(now + TimeDelta::minutes(2)),
            errand(2).at(now + TimeDelta::minutes(1)),
            errand(0).at(now - TimeDelta::minutes(1)),
        ],
    )
    .await;
    assert_eq!(jobs::promote(&t.system, SINCE_EVER, 10).await.unwrap(), 0);
    t.clock.advance(TimeDelta::minutes(5));
    enqueue(&t, vec![errand(1)]).await;
    assert_eq!(jobs::promote(&t.system, SINCE_EVER, 1).await.unwrap(), 1);
    assert_eq!(jobs::promote(&t.system, SINCE_EVER, 10).await.unwrap(), 1);
    let held = claim(&t, worker(&t).await, 10).await;
    assert_eq!(numbers(&held), [0, 1, 2, 3]);
    assert_eq!(held[2].available_at, now + TimeDelta::minutes(1));
    assert_eq!(held[2].enqueued_at, now);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_the_latest_leaves_the_rest_for_a_look_at_all() {
    let t = TestDb::new().await;
    let now = t.clock.now();
    enqueue(&t, vec![errand(1).at(now + TimeDelta::minutes(1))]).await;
    t.clock.advance(TimeDelta::minutes(10));
    let lately = now + TimeDelta::minutes(9);
    assert_eq!(jobs::promote(&t.system, lately, 10).await.unwrap(), 0);
    assert_eq!(jobs::promote(&t.system, SINCE_EVER, 10).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_waits_and_one_that_is_put_off_has_not_failed() {
    let t = TestDb::new().await;
    let me = worker(&t).await;
    enqueue(&t, (1..=4).map(errand).collect()).await;
    let held = claim(&t, me, 10).await;
    let soon = t.clock.now() + TimeDelta::seconds(5);
    let put_off = Fate::Later {
        at: soon,
        failed: false,
        error: None,
    };
    let dead = Fate::Dead {
        failed: true,
        error: "it can't\0 be".to_owned(),
    };
    let fates = [failed(soon), put_off, dead, Fate::Done];
    let finished: Vec<_> = held.iter().zip(fates).map(|(j, f)| ended(j, f)).collect();
    let flushed = jobs::finish(&t.system, me, &finished).await.unwrap();
    assert_eq!((flushed.finished, flushed.lost), (4, 0));
    assert!(claim(&t, me, 10).await.is_empty());
    t.clock.advance(TimeDelta::seconds(5));
    assert_eq!(jobs::promote(&t.system, SINCE_EVER, 10).await.unwrap(), 2);
    let again = claim(&t, me, 10).await;
    let counts: Vec<_> = again.iter().map(|j| (j.attempt, j.failures)).collect();
    assert_eq!(
        (numbers(&again), counts),
        (vec![1, 2], vec![(2, 1), (2, 0)])
    );
    assert_eq!(again[0].id, held[0].id, "it is the same job");

    let mut tx = t.system.begin().await.unwrap();
    let found = operate::find(&mut tx, held[2].id).await.unwrap().unwrap();
    assert_eq!(found.state, operate::State::Dead);
    assert_eq!(found.last_error.as_deref(), Some("it can't be"));
    assert!(operate::find(&mut tx, held[3].id).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_dropped_where_an_equal_one_waits_already() {
    let t = TestDb::new().await;
    let me = worker(&t).await;
    let soon = t.clock.now() + TimeDelta::seconds(5);
    enqueue(&t, vec![with_key(1, "a")]).await;
    let held = claim(&t, me, 10).await;
    enqueue(&t, vec![with_key(2, "a").at(soon)]).await;
    let flushed = jobs::finish(&t.system, me, &[ended(&held[0], failed(soon))]).await;
    assert_eq!(flushed.unwrap().finished, 1);
    // And a delayed one where one is in line.
    enqueue(&t, vec![with_key(3, "a")]).await;
    t.clock.advance(TimeDelta::seconds(5));
    assert_eq!(jobs::promote(&t.system, SINCE_EVER, 10).await.unwrap(), 1);
    assert_eq!(numbers(&claim(&t, me, 10).await), [3]);
    let left = number(
        &mut t.owner_conn().await,
        "SELECT count(*) AS n FROM jobs_delayed",
    )
    .await;
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_round_is_asked_for_once_whoever_asks() {
    let t = TestDb::new().await;
    let slot = Every::Minutes(10).slot(t.clock.now());
    let asked = (0..8).map(|_| jobs::ask_once(&t.system, slot, with_key(1, "round")));
    let asked: Result<Vec<_>, StoreError> = futures_util::future::join_all(asked)
        .await
        .into_iter()
        .collect();
    assert_eq!(asked.unwrap().into_iter().filter(|asked| *asked).count(), 1);
    let me = worker(&t).await;
    assert_eq!(claim(&t, me, 10).await.len(), 1);
    // Not for a time that is over, and once for all that was missed.
    let before = slot - TimeDelta::minutes(10);
    assert!(
        !jobs::ask_once(&t.system, before, with_key(1, "round"))
            .await
            .unwrap()
    );
    let after = slot + TimeDelta::days(3);
    assert!(
        jobs::ask_once(&t.system, after, with_key(1, "round"))
            .await
            .unwrap()
    );
    assert!(
        !jobs::ask_once(&t.system, after, with_key(1, "round"))
            .await
            .unwrap()
    );
    assert_eq!(jobs::slots(&t.system).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dead_are_forgotten_in_the_end() {
    let t = TestDb::new().await;
    let me = worker(&t).await;
    enqueue(&t, (1..=3).map(errand).collect()).await;
    for job in claim(&t, me, 10).await {
        let dead = Fate::Dead {
            failed: true,
            error: "no".to_owned(),
        };
        jobs::finish(&t.system, me, &[ended(&job, dead)])
            .await
            .unwrap();
        t.clock.advance(TimeDelta::days(1));
    }
    let before = t.clock.now() - TimeDelta::hours(30);
    assert_eq!(jobs::forget_dead(&t.system, before, 1).await.unwrap(), 1);
    assert_eq!(jobs::forget_dead(&t.system, before, 9).await.unwrap(), 1);
    assert_eq!(jobs::forget_dead(&t.system, before, 9).await.unwrap(), 0);
}
