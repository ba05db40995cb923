//! What a look at the line costs, and what it passes over.
use super::{claim, ended, enqueue, errand, in_lane, numbers, worker};
use crate::sql::number;
use batchtrack_core::{
    jobs::{self, Fate, Floor, Queue, SLACK, Wanted},
    kernel::ids::WorkerId,
};
use batchtrack_testkit::{Role, TestDb};
use diesel_async::SimpleAsyncConnection as _;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_first_come_first_served_across_transactions() {
    let t = TestDb::new().await;
    for n in 0..20 {
        enqueue(&t, vec![errand(2 * n), errand(2 * n + 1)]).await;
    }
    let me = worker(&t).await;
    let mut seen = vec![];
    for most in [1, 7, 100] {
        seen.extend(numbers(&claim(&t, me, most).await));
    }
    assert_eq!(seen, (0..40).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_are_passed_over_and_served_by_themselves() {
    let t = TestDb::new().await;
    let jobs = (0..30).map(|n| in_lane(n, ["a", "b", "c"][usize::try_from(n % 3).unwrap()]));
    enqueue(&t, jobs.chain([errand(100)]).collect()).await;
    let me = worker(&t).await;
    let scan = Floor::default().scan(Instant::now());
    let but = vec!["a".to_owned(), "c".to_owned()];
    let line = jobs::claim(&t.system, me, Queue::Bulk, scan, 3, but)
        .await
        .unwrap();
    assert_eq!(numbers(&line), [1, 4, 7]);
    let wanted: Vec<_> = [("a", 2), ("b", 1), ("nobody", 5)]
        .into_iter()
        .map(|(lane, room)| Wanted {
            lane: lane.to_owned(),
            scan,
            room,
        })
        .collect();
    let found = jobs::claim_lanes(&t.system, me, Queue::Bulk, &wanted)
        .await
        .unwrap();
    assert_eq!(numbers(&found), [0, 3, 10]);
    let other = jobs::claim_lanes(&t.system, me, Queue::Mail, &wanted)
        .await
        .unwrap();
    assert!(other.is_empty());
}

/// Entries of the line's index that are read by `work`.
async fn read_by(t: &TestDb, work: impl AsyncFnOnce()) -> i64 {
    let mut admin = t.conn(Role::Admin).await;
    let mut counter = async || {
        // What a connection did is told when it ends.
        number(
            &mut admin,
            "SELECT count(pg_terminate_backend(pid, 10000)) AS n FROM pg_stat_activity \
              WHERE datname = current_database() AND usename = 'batchtrack_system'",
        )
        .await;
        number(
            &mut admin,
            "SELECT 0::bigint AS n FROM pg_stat_clear_snapshot()",
        )
        .await;
        number(
            &mut admin,
            "SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'jobs')::bigint \
                  + (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'jobs')::bigint AS n",
        )
        .await
    };
    let before = counter().await;
    work().await;
    counter().await - before
}

async fn work_off(t: &TestDb, me: WorkerId, floor: &mut Floor, many: usize) -> usize {
    let mut done = 0;
    while done < many {
        let scan = floor.scan(Instant::now());
        let held = jobs::claim(&t.system, me, Queue::Bulk, scan, 200, vec![])
            .await
            .unwrap();
        let last = held.last().map(|job| job.place);
        floor.found(scan, 200, held.len(), last, Duration::ZERO);
        if held.is_empty() {
            floor.ends_at(jobs::end_of_lines(&t.system).await.unwrap());
            break;
        }
        let finished: Vec<_> = held.iter().map(|job| ended(job, Fate::Done)).collect();
        done += jobs::finish(&t.system, me, &finished)
            .await
            .unwrap()
            .finished;
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_is_held_open_makes_no_look_longer() {
    const GONE: i64 = 20_000;
    let t = TestDb::new().await;
    let me = worker(&t).await;
    let mut holder = t.conn(Role::Owner).await;
    holder
        .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM jobs")
        .await
        .unwrap();
    for from in (0..GONE).step_by(2_000) {
        enqueue(&t, (from..from + 2_000).map(errand).collect()).await;
    }
    // One more look at all the remains, which it must not do again.
    let mut floor = Floor::default();
    assert_eq!(work_off(&t, me, &mut floor, usize::MAX).await, 20_000);
    let (round, each) = (10, 200_i64);
    let rounds = async |t: &TestDb, floor: &mut dyn FnMut() -> Floor| {
        for n in 0..round {
            enqueue(t, (0..each).map(|i| errand(GONE + n * each + i)).collect()).await;
            let mut floor = floor();
            assert_eq!(work_off(t, me, &mut floor, 200).await, 200);
        }
    };
    let warm = read_by(&t, async || rounds(&t, &mut || floor.clone()).await).await;
    let cold = read_by(&t, async || rounds(&t, &mut Floor::default).await).await;
    holder.batch_execute("ROLLBACK").await.unwrap();
    // A few entries for each job, and the slack for each look.
    let most = round * (SLACK + 20 * each);
    assert!(warm < most, "{warm} entries read, {most} would do");
    assert!(
        cold > round * GONE,
        "{cold} entries read from the beginning: then this test proves nothing"
    );
}
