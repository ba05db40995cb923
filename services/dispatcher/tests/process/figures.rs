//! What an operator reads of the queues.
use super::running::{Running, dispatcher, run};
use batchtrack_core::{jobs, outbox};
use batchtrack_testkit::{Role, TestDb, event};
use std::time::Duration;

/// Three in line, the first since a hundred seconds; one held; two delayed; one dead. Nobody here serves them.
const BULK: &str = "
    INSERT INTO jobs (queue, kind, args, correlation_id, enqueued_at, available_at)
        SELECT 'bulk', 'test.v1', '{}', 'test', now(), now() - make_interval(secs => secs) FROM unnest('{100, 50, 1}'::int[]) secs;
    INSERT INTO job_workers (host, pid, queues, started_at, heartbeat_at) VALUES ('else', 1, '{bulk}', now(), now() + interval '1 hour');
    INSERT INTO jobs (queue, kind, args, correlation_id, enqueued_at, available_at, attempt, worker_id, claimed_at)
        SELECT 'bulk', 'test.v1', '{}', 'test', now(), now(), 1, id, now() FROM job_workers WHERE host = 'else';
    INSERT INTO jobs_delayed (run_at, queue, kind, args, correlation_id, enqueued_at)
        SELECT now() + interval '1 hour', 'bulk', 'test.v1', '{}', 'test', now() FROM generate_series(1, 2);
    INSERT INTO jobs_dead (id, died_at, queue, kind, args, correlation_id, enqueued_at, attempt, failures, last_error)
        VALUES (nextval('job_ids'), now(), 'bulk', 'test.v1', '{}', 'test', now(), 1, 1, 'no');";

#[tokio::test(flavor = "multi_thread")]
async fn depth_and_age_of_queues_that_nobody_serves_are_right() {
    let t = TestDb::new().await;
    run(&t, BULK).await;
    let mut command = dispatcher(&t, Role::System);
    command.env("DISPATCHER_QUEUES", "mail");
    let one = Running::start(command);
    let bulk = [r#"queue="bulk""#];
    one.until("batchtrack_jobs_waiting", &bulk, 3.0).await;
    let figure = async |name: &str| {
        let found = one.figures(name, &bulk).await;
        assert_eq!(found.len(), 1, "{name}");
        found[0]
    };
    let exactly = |found: f64, expected: f64| (found - expected).abs() < 0.1;
    assert!(exactly(figure("batchtrack_jobs_waiting").await, 3.0));
    assert!(exactly(figure("batchtrack_jobs_delayed").await, 2.0));
    assert!(exactly(figure("batchtrack_jobs_dead").await, 1.0));
    let age = figure("batchtrack_jobs_oldest_waiting_age_seconds").await;
    assert!((100.0..160.0).contains(&age), "{age}");
    for queue in ["critical", "webhooks", "push", "fanout", "media", "exports"] {
        let label = format!(r#"queue="{queue}""#);
        let found = one
            .figures("batchtrack_jobs_oldest_waiting_age_seconds", &[&label])
            .await;
        assert_eq!(found.len(), 1, "{queue}");
        assert!(exactly(found[0], 0.0), "{queue}: {found:?}");
    }
}

/// One of a kind that goes well, one that fails, one that nobody knows, each ten seconds late.
const UPKEEP: &str = "
    INSERT INTO job_recurrences SELECT kind, now() + interval '1 day' FROM unnest($${}$$::text[]) kind;
    INSERT INTO jobs (queue, kind, args, correlation_id, enqueued_at, available_at)
        SELECT 'upkeep', kind, 'null', 'test', now(), now() - interval '10 seconds'
          FROM unnest('{upkeep.forget_dead_jobs.v1, upkeep.forget_letters.v1, test.unheard.v1}'::text[]) kind;
    ALTER TABLE mail_letters RENAME TO elsewhere;";

#[tokio::test(flavor = "multi_thread")]
async fn attempts_durations_and_latencies_are_told_by_kind() {
    let t = TestDb::new().await;
    let kinds = batchtrack_dispatcher::upkeep::RECURRING
        .iter()
        .map(|one| (one.job)().kind());
    let kinds = kinds.collect::<Vec<_>>().join(",");
    run(&t, &UPKEEP.replace("$${}$$", &format!("'{{{kinds}}}'"))).await;
    let mut command = dispatcher(&t, Role::System);
    command.env("DISPATCHER_QUEUES", "upkeep");
    let one = Running::start(command);
    for (kind, outcome) in [
        ("upkeep.forget_dead_jobs.v1", "done"),
        ("upkeep.forget_letters.v1", "failed"),
        ("unknown", "unknown"),
    ] {
        let (kind, outcome) = (
            format!(r#"kind="{kind}""#),
            format!(r#"outcome="{outcome}""#),
        );
        let attempts = one
            .until("batchtrack_jobs_attempts_total", &[&kind, &outcome], 1.0)
            .await;
        assert!(attempts < 1.1, "{kind}: {attempts}");
        let took = one
            .until("batchtrack_jobs_duration_seconds_count", &[&kind], 1.0)
            .await;
        assert!(took < 1.1, "{kind}: {took}");
        let queue = r#"queue="upkeep""#;
        let waited = one
            .until("batchtrack_jobs_latency_seconds_sum", &[&kind, queue], 10.0)
            .await;
        assert!(waited < 40.0, "{kind}: {waited}");
        let counted = one
            .figures("batchtrack_jobs_latency_seconds_count", &[&kind, queue])
            .await;
        assert!((counted[0] - 1.0).abs() < 0.1, "{kind}: {counted:?}");
    }
    let busy = one
        .figures("batchtrack_jobs_in_flight", &[r#"queue="upkeep""#])
        .await;
    assert!(busy[0].abs() < 0.1, "{busy:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_stuck_shows_and_so_does_a_rescue() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    // The log can't be read for deliveries.
    run(&t, "ALTER TABLE webhook_endpoints RENAME TO elsewhere").await;
    t.commit(ours, async |tx| {
        outbox::emit(tx, vec![event(1), event(2)]).await
    })
    .await;
    let gone = jobs::register(&t.system, "gone", 1, &[jobs::Queue::Bulk]).await;
    run(
        &t,
        &format!(
            "INSERT INTO jobs (queue, kind, args, correlation_id, enqueued_at, available_at, attempt, worker_id, claimed_at) \
             SELECT 'bulk', 'test.v1', '{{}}', 'test', now(), now(), 1, {}, now() FROM generate_series(1, 4); \
             UPDATE job_workers SET heartbeat_at = now() - interval '1 hour'",
            gone.unwrap()
        ),
    )
    .await;
    let one = Running::start(dispatcher(&t, Role::System));
    one.until("batchtrack_jobs_rescued_total", &[], 4.0).await;
    one.until("batchtrack_outbox_lag", &[], 2.0).await;
    one.until("batchtrack_outbox_oldest_due_age_seconds", &[], 1.0)
        .await;
    run(&t, "ALTER TABLE elsewhere RENAME TO webhook_endpoints").await;
    one.until("batchtrack_events_dispatched_total", &[], 2.0)
        .await;
    for _ in 0..100 {
        if one
            .figures("batchtrack_outbox_lag", &[])
            .await
            .iter()
            .sum::<f64>()
            < 0.1
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the lag does not go down");
}
