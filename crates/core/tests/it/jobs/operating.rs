//! What an operator sees and may do.
use super::{claim, ended, enqueue, errand, numbers, with_key, worker};
use crate::sql::change;
use batchtrack_core::{
    jobs::{
        self, Claimed, Fate, Finished, Queue,
        operate::{self, Ended, Filter, Retried},
    },
    kernel::ids::{JobId, WorkerId},
};
use batchtrack_testkit::TestDb;
use chrono::TimeDelta;
use std::collections::BTreeSet;

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

fn dead(job: &Claimed) -> Finished {
    let error = "no".to_owned();
    ended(
        job,
        Fate::Dead {
            failed: true,
            error,
        },
    )
}

/// Claims all there is, and lets it die.
async fn let_die(t: &TestDb, me: WorkerId) -> Vec<Claimed> {
    let held = claim(t, me, 100).await;
    let finished: Vec<_> = held.iter().map(dead).collect();
    let flushed = jobs::finish(&t.system, me, &finished).await.unwrap();
    assert_eq!(flushed.finished, held.len());
    held
}

fn of_kind(kind: &str) -> Filter {
    Filter {
        kind: Some(kind.to_owned()),
        queue: None,
    }
}

const fn back(back: i64) -> Retried {
    Retried { back, needless: 0 }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_jobs_are_listed_retried_and_discarded() {
    let t = TestDb::new().await;
    let me = worker(&t).await;
    enqueue(&t, (1..=5).map(errand).collect()).await;
    let held = let_die(&t, me).await;

    let newest_first: Vec<JobId> = held.iter().rev().map(|job| job.id).collect();
    let by_queue = Filter {
        queue: Some(Queue::Bulk),
        kind: None,
    };
    for which in [Filter::default(), by_queue, of_kind("test.errand.v1")] {
        let (mut seen, mut after) = (vec![], None);
        loop {
            let mut tx = t.system.begin().await.unwrap();
            let page = operate::dead(&mut tx, &which, after.as_ref(), 2)
                .await
                .unwrap();
            seen.extend(page.rows.iter().map(|job| job.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, newest_first, "{which:?}");
    }

    let mut tx = t.system.begin().await.unwrap();
    let kinds = operate::dead_kinds(&mut tx).await.unwrap();
    assert_eq!(
        (kinds.len(), kinds[0].kind.as_str(), kinds[0].count),
        (1, "test.errand.v1", 5)
    );
    let none = operate::dead(&mut tx, &of_kind("test.other.v1"), None, 10).await;
    assert!(none.unwrap().rows.is_empty());
    let one = [held[0].id];
    assert_eq!(operate::retry(&mut tx, &one).await.unwrap(), back(1));
    assert_eq!(operate::discard(&mut tx, &[held[1].id]).await.unwrap(), 1);
    let (now, ours) = (t.clock.now(), of_kind("test.errand.v1"));
    let others = of_kind("test.other.v1");
    let none = operate::retry_all(&mut tx, &others, now, 10).await;
    assert_eq!(none.unwrap(), back(0));
    let ours = Filter {
        queue: Some(Queue::Bulk),
        ..ours
    };
    let some = operate::retry_all(&mut tx, &ours, now, 2).await;
    assert_eq!(some.unwrap(), back(2));
    let rest = operate::retry_all(&mut tx, &ours, now, 10).await;
    assert_eq!(rest.unwrap(), back(1));
    tx.commit().await.unwrap();
    let again = claim(&t, me, 10).await;
    assert_eq!(numbers(&again), [1, 3, 4, 5], "at the end of the line");
    assert!(again.iter().all(|job| job.failures == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_word_about_an_attempt_before_its_death_does_not_count_after_it() {
    let t = TestDb::new().await;
    let me = worker(&t).await;
    enqueue(&t, vec![errand(1)]).await;
    let held = let_die(&t, me).await;
    let mut tx = t.system.begin().await.unwrap();
    operate::retry(&mut tx, &[held[0].id]).await.unwrap();
    tx.commit().await.unwrap();
    let again = claim(&t, me, 10).await;
    assert_eq!((again[0].id, again[0].failures), (held[0].id, 0));
    // The answer to the first note was lost, so the worker says it once more.
    for fate in [dead(&held[0]), ended(&held[0], Fate::Done)] {
        let flushed = jobs::finish(&t.system, me, &[fate]).await.unwrap();
        assert_eq!((flushed.finished, flushed.lost), (0, 1));
    }
    let flushed = jobs::finish(&t.system, me, &[ended(&again[0], Fate::Done)]).await;
    assert_eq!(flushed.unwrap().finished, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_at_once_do_it_once() {
    let t = TestDb::new().await;
    let me = worker(&t).await;
    enqueue(&t, (1..=40).map(errand).collect()).await;
    let held = let_die(&t, me).await;
    let (ids, kind) = (
        held.iter().map(|job| job.id).collect::<Vec<_>>(),
        of_kind("test.errand.v1"),
    );
    let now = t.clock.now();
    let (mut one, mut other) = (
        t.system.begin().await.unwrap(),
        t.system.begin().await.unwrap(),
    );
    assert_eq!(
        operate::retry_all(&mut one, &kind, now, 30).await.unwrap(),
        back(30)
    );
    // Neither waits for the first, nor takes what the first has.
    assert_eq!(operate::retry(&mut other, &ids).await.unwrap(), back(10));
    assert_eq!(operate::discard(&mut other, &ids).await.unwrap(), 0);
    other.commit().await.unwrap();
    one.commit().await.unwrap();
    let again = claim(&t, me, 100).await;
    let each: BTreeSet<_> = numbers(&again).into_iter().collect();
    assert_eq!((again.len(), each.len()), (40, 40));
    let mut tx = t.system.begin().await.unwrap();
    assert_eq!(operate::retry(&mut tx, &ids).await.unwrap(), back(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dies_after_the_list_was_read_is_not_meant() {
    let t = TestDb::new().await;
    let me = worker(&t).await;
    enqueue(&t, vec![errand(1)]).await;
    let_die(&t, me).await;
    let read_at = t.clock.now();
    t.clock.advance(TimeDelta::seconds(1));
    enqueue(&t, vec![errand(2)]).await;
    let_die(&t, me).await;
    let mut tx = t.system.begin().await.unwrap();
    let kind = of_kind("test.errand.v1");
    let retried = operate::retry_all(&mut tx, &kind, read_at, 10).await;
    assert_eq!(retried.unwrap(), back(1));
    assert_eq!(
        operate::discard_all(&mut tx, &kind, read_at, 10)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        operate::discard_all(&mut tx, &kind, t.clock.now(), 10)
            .await
            .unwrap(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_an_equal_one_waits_the_dead_one_is_needless() {
    let t = TestDb::new().await;
    let me = worker(&t).await;
    enqueue(&t, vec![with_key(1, "a"), with_key(2, "b")]).await;
    let first = let_die(&t, me).await;
    enqueue(&t, vec![with_key(3, "a")]).await;
    let second = let_die(&t, me).await;
    enqueue(&t, vec![with_key(4, "a")]).await;
    let mut tx = t.system.begin().await.unwrap();
    // One waits for each of the two that died with its key; nobody has the other's.
    let kind = of_kind("test.errand.v1");
    let retried = operate::retry_all(&mut tx, &kind, t.clock.now(), 10).await;
    let expected = Retried {
        back: 1,
        needless: 2,
    };
    assert_eq!(retried.unwrap(), expected);
    tx.commit().await.unwrap();
    let mut tx = t.system.begin().await.unwrap();
    for gone in [first[0].id, second[0].id] {
        let found = operate::find(&mut tx, gone).await.unwrap();
        assert_eq!(found, None, "the one that waits does its work");
    }
    drop(tx);
    let left = claim(&t, me, 10).await;
    let numbers: BTreeSet<_> = numbers(&left).into_iter().collect();
    assert_eq!(numbers, BTreeSet::from([2, 4]));

    // While the equal one is being done, it may have read its input already: both are done.
    let flushed = jobs::finish(&t.system, me, &[dead(&left[0]), dead(&left[1])]).await;
    assert_eq!(flushed.unwrap().finished, 2);
    enqueue(&t, vec![with_key(5, "a")]).await;
    let running = claim(&t, me, 10).await;
    assert_eq!(running.len(), 1);
    let mut tx = t.system.begin().await.unwrap();
    let retried = operate::retry_all(&mut tx, &kind, t.clock.now(), 10).await;
    assert_eq!(retried.unwrap(), back(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_living_are_listed_as_their_turn_comes() {
    let t = TestDb::new().await;
    let me = worker(&t).await;
    let later = t.clock.now() + TimeDelta::hours(1);
    enqueue(
        &t,
        vec![errand(1), errand(2), errand(3), errand(4).at(later)],
    )
    .await;
    claim(&t, me, 1).await;
    let mut tx = t.system.begin().await.unwrap();
    let mut states = async |filter: Filter, limit| {
        let listed = operate::list(&mut tx, &filter, limit).await.unwrap();
        listed
            .iter()
            .map(|job| (job.state.as_str(), job.args["n"].as_i64().unwrap()))
            .collect::<Vec<_>>()
    };
    let all = [
        ("running", 1),
        ("waiting", 2),
        ("waiting", 3),
        ("delayed", 4),
    ];
    assert_eq!(states(Filter::default(), 10).await, all);
    assert_eq!(states(of_kind("test.errand.v1"), 2).await, all[..2]);
    assert_eq!(states(of_kind("test.other.v1"), 10).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_add_up_what_all_processes_saw() {
    let t = TestDb::new().await;
    let seen = |queue, done, waiting| Ended {
        queue,
        done,
        failed: 1,
        put_off: 2,
        waiting,
    };
    let mut tx = t.system.begin().await.unwrap();
    for (done, waiting) in [(5, 70), (7, 20)] {
        let both = [seen(Queue::Mail, done, waiting), seen(Queue::Bulk, 1, 0)];
        operate::count(&mut tx, &both).await.unwrap();
    }
    operate::count(&mut tx, &[]).await.unwrap();
    tx.commit().await.unwrap();
    let mut owner = t.owner_conn().await;
    change(
        &mut owner,
        "UPDATE job_minutes SET minute = minute - interval '1 minute'",
    )
    .await
    .unwrap();
    let mut tx = t.system.begin().await.unwrap();
    let minutes = operate::minutes(&mut tx, 30).await.unwrap();
    assert_eq!(minutes.len(), 30 * Queue::ALL.len());
    let mail: Vec<_> = minutes.iter().filter(|m| m.queue == Queue::Mail).collect();
    assert!(mail.iter().map(|m| m.minute).is_sorted());
    let counted: Vec<_> = mail
        .iter()
        .filter(|m| m.done > 0)
        .map(|m| (m.done, m.failed, m.put_off, m.waiting))
        .collect();
    assert_eq!(counted, [(12, 2, 4, 70)]);
    assert_eq!(operate::forget_minutes(&mut tx, 24).await.unwrap(), 0);
    change(
        &mut owner,
        "UPDATE job_minutes SET minute = minute - interval '25 hours'",
    )
    .await
    .unwrap();
    assert_eq!(operate::forget_minutes(&mut tx, 24).await.unwrap(), 2);
}
