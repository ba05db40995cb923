//! What an operator sees and may do.
use super::{claim, ended, enqueue, errand, numbers, worker};
use batchtrack_core::{
    jobs::{
        self, Fate, Queue,
        operate::{self, DeadFilter},
    },
    kernel::ids::JobId,
};
use batchtrack_testkit::TestDb;
use chrono::TimeDelta;

#[tokio::test(flavor = "multi_thread")]
async fn lines_tell_how_long_they_are_and_how_old() {
    let t = TestDb::new().await;
    let since = t.clock.now();
    enqueue(&t, (1..=5).map(errand).collect()).await;
    enqueue(&t, vec![errand(6).at(since + TimeDelta::hours(1))]).await;
    let me = worker(&t).await;
    let held = claim(&t, me, 2).await;
    let dead = Fate::Dead {
        failed: true,
        error: "no".to_owned(),
    };
    jobs::finish(&t.system, me, &[ended(&held[0], dead)])
        .await
        .unwrap();
    let mut tx = t.system.begin().await.unwrap();
    let lines = operate::lines(&mut tx).await.unwrap();
    assert_eq!(lines.len(), Queue::ALL.len());
    let bulk = lines.iter().find(|line| line.queue == Queue::Bulk).unwrap();
    assert_eq!(
        (bulk.waiting, bulk.running, bulk.delayed, bulk.dead),
        (3, 1, 1, 1)
    );
    assert_eq!(bulk.oldest, Some(since));
    let workers = operate::workers(&mut tx).await.unwrap();
    assert_eq!((workers.len(), workers[0].running), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_jobs_are_listed_retried_and_discarded() {
    let t = TestDb::new().await;
    let me = worker(&t).await;
    enqueue(&t, (1..=5).map(errand).collect()).await;
    let held = claim(&t, me, 10).await;
    let dead = |job| {
        ended(
            job,
            Fate::Dead {
                failed: true,
                error: "no".to_owned(),
            },
        )
    };
    let finished: Vec<_> = held.iter().map(dead).collect();
    jobs::finish(&t.system, me, &finished).await.unwrap();

    let (all, mut seen, mut after) = (DeadFilter::default(), vec![], None);
    loop {
        let mut tx = t.system.begin().await.unwrap();
        let page = operate::dead(&mut tx, &all, after.as_ref(), 2)
            .await
            .unwrap();
        seen.extend(page.rows.iter().map(|job| job.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let newest_first: Vec<JobId> = held.iter().rev().map(|job| job.id).collect();
    assert_eq!(seen, newest_first);

    let mut tx = t.system.begin().await.unwrap();
    let one = [held[0].id];
    assert_eq!(
        operate::retry(&mut tx, Some(&one), &all, 10).await.unwrap(),
        1
    );
    assert_eq!(
        operate::discard(&mut tx, Some(&[held[1].id]), &all, 10)
            .await
            .unwrap(),
        1
    );
    let others = DeadFilter {
        kind: Some("test.other.v1".to_owned()),
        queue: None,
    };
    assert_eq!(operate::retry(&mut tx, None, &others, 10).await.unwrap(), 0);
    let ours = DeadFilter {
        kind: Some("test.errand.v1".to_owned()),
        queue: Some(Queue::Bulk),
    };
    assert_eq!(operate::retry(&mut tx, None, &ours, 2).await.unwrap(), 2);
    assert_eq!(operate::retry(&mut tx, None, &ours, 10).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let again = claim(&t, me, 10).await;
    assert_eq!(numbers(&again), [1, 3, 4, 5], "at the end of the line");
    assert!(again.iter().all(|job| job.failures == 0));
}
