//! Whoever holds a job may finish it, and nobody else.
use super::{claim, ended, enqueue, errand, failed, numbers, with_key, worker};
use crate::sql::{change, number};
use batchtrack_core::jobs::{self, Fate, Flushed};
use batchtrack_testkit::TestDb;
use chrono::TimeDelta;
use std::{collections::BTreeSet, time::Duration};

const LEASE: Duration = Duration::from_secs(30);

/// As if nothing had been heard of any worker for a minute.
async fn silence(t: &TestDb) {
    change(
        &mut t.owner_conn().await,
        "UPDATE job_workers SET heartbeat_at = heartbeat_at - interval '1 minute'",
    )
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_a_job_cannot_finish_it() {
    let t = TestDb::new().await;
    enqueue(&t, vec![errand(1), errand(2)]).await;
    let slow = worker(&t).await;
    let held = claim(&t, slow, 10).await;
    silence(&t).await;
    let quick = worker(&t).await;
    let rescued = jobs::rescue(&t.system, LEASE).await.unwrap();
    assert_eq!((rescued.workers, rescued.jobs), (1, 2));

    let again = claim(&t, quick, 1).await;
    assert_eq!((numbers(&again), again[0].attempt), (vec![1], 2));
    for fate in [
        Fate::Done,
        failed(t.clock.now()),
        Fate::Dead {
            failed: true,
            error: String::new(),
        },
    ] {
        let stale: Vec<_> = held.iter().map(|job| ended(job, fate.clone())).collect();
        let flushed = jobs::finish(&t.system, slow, &stale).await.unwrap();
        assert_eq!(
            flushed,
            Flushed {
                finished: 0,
                lost: 2
            }
        );
        // Nor with the number of the new attempt, nor the new owner with that of the old one.
        let mut forged = ended(&again[0], fate.clone());
        let flushed = jobs::finish(&t.system, slow, std::slice::from_ref(&forged)).await;
        assert_eq!(flushed.unwrap().lost, 1);
        forged.job.attempt = 1;
        let flushed = jobs::finish(&t.system, quick, &[forged]).await.unwrap();
        assert_eq!(flushed.lost, 1);
    }
    let back = jobs::release(&t.system, slow, &[held[0].receipt()], None).await;
    assert_eq!(back.unwrap(), 0);
    let done = jobs::finish(&t.system, quick, &[ended(&again[0], Fate::Done)]).await;
    assert_eq!(
        done.unwrap(),
        Flushed {
            finished: 1,
            lost: 0
        }
    );
    let rest = claim(&t, quick, 10).await;
    assert_eq!(numbers(&rest), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_claimers_take_each_job_exactly_once() {
    let t = TestDb::new().await;
    enqueue(&t, (0..1_000).map(errand).collect()).await;
    let claimers = (0..8).map(|_| async {
        let (me, mut mine) = (worker(&t).await, vec![]);
        loop {
            let found = claim(&t, me, 7).await;
            if found.is_empty() {
                return (me, mine);
            }
            mine.extend(found);
        }
    });
    let claimed = futures_util::future::join_all(claimers).await;
    let all: Vec<_> = claimed.iter().flat_map(|(_, mine)| numbers(mine)).collect();
    assert_eq!(all.len(), 1_000);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 1_000);
    for (me, mine) in claimed {
        assert!(numbers(&mine).is_sorted(), "each in the order of the line");
        let done: Vec<_> = mine.iter().map(|job| ended(job, Fate::Done)).collect();
        let flushed = jobs::finish(&t.system, me, &done).await.unwrap();
        assert_eq!((flushed.finished, flushed.lost), (mine.len(), 0));
    }
    let left = number(&mut t.owner_conn().await, "SELECT count(*) AS n FROM jobs").await;
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_equal_ones_only_one_waits() {
    let t = TestDb::new().await;
    enqueue(
        &t,
        vec![with_key(1, "a"), with_key(2, "a"), with_key(3, "b")],
    )
    .await;
    enqueue(&t, vec![with_key(4, "a"), errand(5), errand(6)]).await;
    let me = worker(&t).await;
    let held = claim(&t, me, 10).await;
    assert_eq!(
        numbers(&held).into_iter().collect::<BTreeSet<_>>(),
        BTreeSet::from([1, 3, 5, 6])
    );
    // What is being done may have read its input: another is needed.
    enqueue(&t, vec![with_key(7, "a"), with_key(8, "a")]).await;
    let receipts: Vec<_> = held.iter().map(jobs::Claimed::receipt).collect();
    // Back in line, the first is equal to the one that waits now.
    let back = jobs::release(&t.system, me, &receipts, None).await.unwrap();
    assert_eq!(back, 4);
    let held = claim(&t, me, 10).await;
    let seen: BTreeSet<_> = numbers(&held).into_iter().collect();
    assert_eq!(seen, BTreeSet::from([3, 5, 6, 7]));
    // The same when their worker is lost with two equal ones.
    enqueue(&t, vec![with_key(9, "a")]).await;
    assert_eq!(numbers(&claim(&t, me, 10).await), [9]);
    silence(&t).await;
    assert_eq!(jobs::rescue(&t.system, LEASE).await.unwrap().jobs, 5);
    let held = claim(&t, worker(&t).await, 10).await;
    let seen: BTreeSet<_> = numbers(&held).into_iter().collect();
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert!(seen.is_superset(&BTreeSet::from([3, 5, 6])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_equal_one_is_not_begun_before_its_second_asker_has_committed() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    enqueue(&t, vec![with_key(1, "a")]).await;
    let me = worker(&t).await;
    let mut tx = t.begin(ours).await;
    jobs::enqueue(&mut tx, vec![with_key(2, "a")])
        .await
        .unwrap();
    assert!(
        claim(&t, me, 10).await.is_empty(),
        "it would not see what the second asker wrote"
    );
    tx.commit().await.unwrap();
    assert_eq!(numbers(&claim(&t, me, 10).await), [1]);

    // Delayed ones are held in the same way.
    let soon = t.clock.now() + TimeDelta::seconds(1);
    enqueue(&t, vec![with_key(3, "b").at(soon)]).await;
    let mut tx = t.begin(ours).await;
    jobs::enqueue(&mut tx, vec![with_key(4, "b").at(soon)])
        .await
        .unwrap();
    t.clock.advance(TimeDelta::seconds(2));
    let since = chrono::DateTime::UNIX_EPOCH;
    assert_eq!(jobs::promote(&t.system, since, 10).await.unwrap(), 0);
    drop(tx);
    // The roll back happens behind our back.
    for _ in 0..100 {
        if jobs::promote(&t.system, since, 10).await.unwrap() == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it is held for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn askers_and_workers_in_a_race_never_lose_the_last_word() {
    let t = TestDb::with_pool(8).await;
    let ours = t.organization("Acme").await;
    let mut owner = t.owner_conn().await;
    change(&mut owner, "CREATE TABLE said (n bigint)")
        .await
        .unwrap();
    change(
        &mut owner,
        "GRANT SELECT, INSERT ON said TO batchtrack_app, batchtrack_system",
    )
    .await
    .unwrap();
    let (said, heard) = (
        std::sync::atomic::AtomicI64::new(0),
        std::sync::atomic::AtomicI64::new(0),
    );
    let ask = async |from: i64| {
        use std::sync::atomic::Ordering::SeqCst;
        for n in from..from + 40 {
            t.commit(ours, async |tx| {
                jobs::enqueue(tx, vec![with_key(n, "same")]).await
            })
            .await;
            said.fetch_add(1, SeqCst);
        }
    };
    let me = worker(&t).await;
    let work = async {
        use std::sync::atomic::Ordering::SeqCst;
        let mut quiet = 0;
        while quiet < 20 {
            // What was said before the job was begun counts as heard once it is done.
            let held = claim(&t, me, 1).await;
            let before = said.load(SeqCst);
            if let Some(job) = held.first() {
                quiet = 0;
                heard.fetch_max(before, SeqCst);
                jobs::finish(&t.system, me, &[ended(job, Fate::Done)])
                    .await
                    .unwrap();
            } else {
                quiet += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    };
    tokio::join!(ask(0), ask(1_000), ask(2_000), work);
    // Every asker's commit was followed by a run that began after it.
    let left = number(&mut owner, "SELECT count(*) AS n FROM jobs").await;
    assert_eq!(left, 0);
    assert!(heard.into_inner() >= said.into_inner() - 3);
}
