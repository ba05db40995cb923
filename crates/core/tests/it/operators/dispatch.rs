//! The view by which events say how far they have come on their way to the operator's hook.
use super::actor;
use crate::{
    outbox::read_all,
    sql::{change, lines},
};
use batchtrack_core::{
    jobs::{self, NewJob},
    kernel::ids::OrganizationId,
    operators, outbox,
    webhooks::{self, TellOperator},
};
use batchtrack_testkit::{Role, TestDb, event};

/// As domain 8.3 names it: `is_processed processed_at? delivery_attempts _dispatch_errors last_error`.
async fn told(t: &TestDb) -> Vec<String> {
    lines(
        &mut t.conn(Role::System).await,
        "SELECT concat_ws(' ', is_processed, processed_at IS NOT NULL, delivery_attempts, _dispatch_errors, last_error) AS line \
           FROM domain_event_dispatch ORDER BY id",
    )
    .await
}

pub(super) async fn emit(t: &TestDb, ours: OrganizationId, many: i64) {
    let events = (0..many).map(event).collect();
    t.commit(ours, async |tx| outbox::emit(tx, events).await)
        .await;
}

/// The jobs that the relay would ask for, for every event there is.
pub(super) async fn jobs_for_hook(t: &TestDb, ours: OrganizationId) -> Vec<TellOperator> {
    let sql = "SELECT concat_ws(' ', id, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')) AS line \
                 FROM domain_events ORDER BY id";
    let found = lines(&mut t.owner_conn().await, sql).await;
    let jobs: Vec<_> = found
        .iter()
        .map(|line| {
            let (id, at) = line.split_once(' ').unwrap();
            TellOperator {
                organization: ours,
                event: id.parse().unwrap(),
                recorded_at: at.parse().unwrap(),
            }
        })
        .collect();
    let mut tx = t.system.begin().await.unwrap();
    let new = jobs
        .iter()
        .map(|job| NewJob::of(job).for_organization(ours));
    jobs::enqueue_for_system(&mut tx, "test", new.collect())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    jobs
}

/// Of the jobs that wait, moves the one for `event` to where it is when it has failed that often.
pub(super) async fn fails(t: &TestDb, job: &TellOperator, failures: i32, for_good: bool) {
    let (into, column) = if for_good {
        ("jobs_dead", "died_at")
    } else {
        ("jobs_delayed", "run_at")
    };
    let sql = format!(
        "WITH gone AS (DELETE FROM jobs WHERE args ->> 'event' = '{}' RETURNING *) \
         INSERT INTO {into} (id, {column}, queue, kind, organization_id, args, lane, correlation_id, enqueued_at, attempt, failures, last_error) \
         SELECT id, now(), queue, kind, organization_id, args, lane, correlation_id, enqueued_at, {failures}, {failures}, 'answered 500' FROM gone",
        job.event
    );
    let moved = change(&mut t.owner_conn().await, &sql).await;
    assert_eq!(moved, Ok(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_say_how_far_they_have_come() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    read_all(&t).await;
    let before = told(&t).await.len();
    emit(&t, ours, 5).await;
    let told_now = async || told(&t).await.split_off(before);
    assert_eq!(
        told_now().await,
        ["f f 0 []"; 5],
        "nobody has passed them on"
    );

    read_all(&t).await;
    assert_eq!(
        told_now().await,
        ["t t 0 []"; 5],
        "with no hook, that is all"
    );

    let jobs = jobs_for_hook(&t, ours).await.split_off(before);
    assert_eq!(told_now().await, ["f f 0 []"; 5], "now there is a hook");
    // The first arrives; the second fails for the third time; the third and fourth for the last.
    let arrived = format!(
        "DELETE FROM jobs WHERE args ->> 'event' = '{}'",
        jobs[0].event
    );
    change(&mut t.owner_conn().await, &arrived).await.unwrap();
    fails(&t, &jobs[1], 3, false).await;
    fails(&t, &jobs[2], 12, true).await;
    fails(&t, &jobs[3], 12, true).await;
    let mut tx = t.system.begin().await.unwrap();
    webhooks::note_operator_failure(&mut tx, &jobs[2], 12, "answered 503")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let expected = [
        "t t 0 []",
        "f f 3 [] answered 500",
        r#"t t 12 ["max_retry_exceeded"] answered 503"#,
        r#"t t 12 ["max_retry_exceeded"] answered 500"#,
        "f f 0 []",
    ];
    assert_eq!(told_now().await, expected);

    // What the operator sends again is on its way again.
    let event = jobs[2].event;
    let sent = operators::replay_event(&t.system, &actor(), event, None, None, true).await;
    assert_eq!(sent.unwrap().to_hook, 1);
    assert_eq!(told_now().await[2], "f f 0 [] answered 500");
    // It arrives.
    let arrived = format!("DELETE FROM jobs WHERE args ->> 'event' = '{event}'");
    change(&mut t.owner_conn().await, &arrived).await.unwrap();
    let mut tx = t.system.begin().await.unwrap();
    let (at, organization) = (jobs[2].recorded_at, jobs[2].organization);
    webhooks::operator_was_told(&mut tx, organization, event, at)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(told_now().await[2], "t t 0 []");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_view_shows_nobody_more_than_they_may_see() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    emit(&t, ours, 1).await;
    let refused = change(&mut t.app_conn().await, "SELECT FROM domain_event_dispatch").await;
    assert!(refused.unwrap_err().contains("permission denied"));
}
