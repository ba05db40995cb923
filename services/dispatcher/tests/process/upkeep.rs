//! Chores: each is done in its time by one of all processes, and says so.
use super::running::{Running, dispatcher, number, run};
use batchtrack_core::{jobs::Every, outbox};
use batchtrack_dispatcher::{relay::Relay, upkeep::RECURRING};
use batchtrack_testkit::{Role, TestDb, event, receipt};
use chrono::{DateTime, Days, Utc};
use std::{collections::BTreeMap, time::Duration};

fn kinds() -> Vec<&'static str> {
    RECURRING.iter().map(|one| (one.job)().kind()).collect()
}

fn of(kind: &str) -> String {
    format!(r#"kind="{kind}""#)
}

/// What all of them say together.
async fn sum(all: &[Running], name: &str, kind: &str) -> f64 {
    let (label, mut sum) = (of(kind), 0.0);
    for one in all {
        sum += one.figures(name, &[&label]).await.iter().sum::<f64>();
    }
    sum
}

/// Waits until each chore has been done so often, and no more often, by all of them together.
async fn done_in_all(all: &[Running], times: f64) {
    for kind in kinds() {
        let mut runs = 0.0;
        for _ in 0..300 {
            runs = sum(all, "batchtrack_upkeep_runs_total", kind).await;
            if runs > times - 0.5 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!((runs - times).abs() < 0.1, "{kind} was done {runs} times");
    }
}

/// How much each dealt with.
async fn dealt_with(all: &[Running], begun: DateTime<Utc>) -> BTreeMap<String, f64> {
    let mut told = BTreeMap::new();
    let since = begun.timestamp();
    let recently = (f64::from(i32::try_from(since).unwrap()) - 60.0)..f64::INFINITY;
    for kind in kinds() {
        let rows = sum(all, "batchtrack_upkeep_rows_total", kind).await;
        told.insert(kind.to_owned(), rows);
        let failures = sum(all, "batchtrack_upkeep_failures_total", kind).await;
        assert!(failures < 0.1, "{kind} failed");
        let went_well = sum(all, "batchtrack_upkeep_last_success_seconds", kind).await;
        assert!(
            recently.contains(&went_well),
            "{kind} went well at {went_well}"
        );
    }
    told
}

/// Something for each chore: how many things it is to deal with, and what is to be left.
const OLD_AND_NEW: &str = "
    INSERT INTO idempotency_keys (organization_id, user_id, key, fingerprint, created_at)
        SELECT 1, 1, 'key ' || hours, '', now() - make_interval(hours => hours) FROM unnest('{1, 20, 26, 90}'::int[]) hours;
    INSERT INTO mail_letters (job_id, kind, address, outcome, settled_at)
        SELECT days, 'low_stock', 'a@example.com', 'sent', now() - make_interval(days => days) FROM unnest('{1, 89, 91}'::int[]) days;
    INSERT INTO jobs_dead (id, died_at, queue, kind, args, correlation_id, enqueued_at, attempt, failures, last_error)
        SELECT nextval('job_ids'), now() - make_interval(days => days), 'bulk', 'test.v1', '{}', 'test', now(), 1, 1, 'no'
          FROM unnest('{1, 89, 91, 400}'::int[]) days;
    INSERT INTO webhook_endpoints (organization_id, url, events, state, created_at) VALUES (1, 'https://example.test/', '{}', 'enabled', now());
    INSERT INTO webhook_secrets (organization_id, endpoint_id, sealed, created_at, expires_at)
        SELECT organization_id, id, '', now(), at FROM webhook_endpoints, unnest(ARRAY[now() - interval '1 hour', now() + interval '1 hour', NULL]) at;
    INSERT INTO job_minutes (queue, minute)
        SELECT 'push', date_trunc('minute', now()) - make_interval(days => days) FROM unnest('{0, 400, 401}'::int[]) days;
    INSERT INTO account_links (token_hash, user_id, purpose, email, expires_at)
        SELECT sha256(hours::text::bytea), (SELECT min(id) FROM users), 'reset_password', 'a@example.com', now() - make_interval(hours => hours)
          FROM unnest('{-1, 20, 26}'::int[]) hours;
    INSERT INTO account_codes (ticket_hash, user_id, purpose, code_hash, expires_at)
        SELECT sha256(hours::text::bytea), (SELECT min(id) FROM users), 'sign_in', sha256(''), now() - make_interval(hours => hours)
          FROM unnest('{0, 26}'::int[]) hours;
    INSERT INTO account_limits (kind, subject, at, latest_at)
        SELECT 'reset_password', sha256(hours::text::bytea), ARRAY[now()], now() - make_interval(hours => hours) FROM unnest('{1, 26}'::int[]) hours;
    UPDATE outbox_positions SET taken_at = taken_at - interval '2 days';
    DO $$ BEGIN EXECUTE format(
        'CREATE TABLE partitions.%I PARTITION OF domain_events FOR VALUES FROM (%L) TO (%L)',
        'domain_events_' || to_char(current_date - 40, 'YYYY_MM_DD'),
        (current_date - 40)::timestamp AT TIME ZONE 'UTC', (current_date - 39)::timestamp AT TIME ZONE 'UTC'); END $$;";

#[tokio::test(flavor = "multi_thread")]
async fn every_chore_is_done_once_by_one_of_several_and_tells_of_it() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    for n in 0..3 {
        t.commit(ours, async |tx| outbox::emit(tx, vec![event(n)]).await)
            .await;
        Relay::new(t.system.clone(), false).turn().await.unwrap();
    }
    let item = t.item(ours, "Lye", "g").await;
    for days in [3, 5, 30] {
        let mut lot = receipt(item, "1 g", "1");
        lot.expires_at = Utc::now().checked_add_days(Days::new(days));
        t.receive(ours, lot).await;
    }
    run(&t, OLD_AND_NEW).await;
    let positions = number(&t, "SELECT count(*) AS n FROM outbox_positions").await;
    assert!(positions > 2);

    let all = [
        Running::start(dispatcher(&t, Role::System)),
        Running::start(dispatcher(&t, Role::System)),
    ];
    let begun = Utc::now();
    done_in_all(&all, 1.0).await;
    let mut told = dealt_with(&all, begun).await;
    let exactly = [
        ("upkeep.forget_idempotency_keys.v1", 2.0),
        ("upkeep.forget_letters.v1", 1.0),
        ("upkeep.forget_account_leftovers.v1", 3.0),
        ("upkeep.forget_dead_jobs.v1", 2.0),
        ("upkeep.forget_webhook_secrets.v1", 1.0),
        ("upkeep.forget_job_minutes.v1", 2.0),
        ("upkeep.find_expiring_lots.v1", 1.0),
    ];
    for (kind, rows) in exactly {
        let found = told.remove(kind).unwrap();
        assert!(
            (found - rows).abs() < 0.1,
            "{kind} dealt with {found}, not {rows}"
        );
    }
    // The newest stays; it may be one of the old, where the relay has found nothing to do since.
    let forgotten = told.remove("upkeep.forget_outbox_positions.v1").unwrap();
    let positions = f64::from(i32::try_from(positions).unwrap());
    assert!(
        (positions - 1.1..positions + 0.1).contains(&forgotten),
        "{forgotten} of {positions}"
    );
    let rotated = told.remove("upkeep.rotate_daily_tables.v1").unwrap();
    assert!(rotated >= 1.0, "at least the old day");
    assert!(told.is_empty(), "a chore that nobody looks at: {told:?}");

    for (what, left) in [
        ("idempotency_keys", 2),
        ("mail_letters", 2),
        ("account_links", 2),
        ("account_codes", 1),
        ("account_limits", 1),
        ("webhook_secrets", 2),
        (
            "job_minutes WHERE queue = 'push' AND minute < now() - interval '1 day'",
            0,
        ),
        ("jobs_dead WHERE kind = 'test.v1'", 2),
        (
            "pg_class WHERE relname = 'domain_events_' || to_char(current_date - 40, 'YYYY_MM_DD')",
            0,
        ),
        ("job_recurrences", i64::try_from(RECURRING.len()).unwrap()),
    ] {
        let sql = format!("SELECT count(*) AS n FROM {what}");
        assert_eq!(number(&t, &sql).await, left, "{what}");
    }
    // What the search for expiring lots asks for is another job.
    let announced = "SELECT count(*) AS n FROM domain_events WHERE event_name = 'lot_expiring'";
    for _ in 0..100 {
        if number(&t, announced).await == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(number(&t, announced).await, 2, "one has a month left");

    // The next day has all of them done again; nothing expires for the second time.
    let first = number(&t, "SELECT count(*) AS n FROM domain_events").await;
    run(
        &t,
        "UPDATE job_recurrences SET slot = slot - interval '1 day'",
    )
    .await;
    done_in_all(&all, 2.0).await;
    assert_eq!(
        number(&t, "SELECT count(*) AS n FROM domain_events").await,
        first
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chore_that_fails_shows_and_holds_up_no_other() {
    let t = TestDb::new().await;
    run(&t, "ALTER TABLE mail_letters RENAME TO elsewhere").await;
    let one = Running::start(dispatcher(&t, Role::System));
    let (broken, well) = ("upkeep.forget_letters.v1", "upkeep.forget_dead_jobs.v1");
    let (broken, well) = (of(broken), of(well));
    // Tried again after some seconds, as every job is.
    one.until("batchtrack_upkeep_failures_total", &[&broken], 2.0)
        .await;
    one.until("batchtrack_upkeep_runs_total", &[&well], 1.0)
        .await;
    let went_well = "batchtrack_upkeep_last_success_seconds";
    assert!(one.figures(went_well, &[&broken]).await.is_empty());
    assert_eq!(one.figures(went_well, &[&well]).await.len(), 1);
    let failed = [broken.as_str(), r#"outcome="failed""#];
    one.until("batchtrack_jobs_attempts_total", &failed, 2.0)
        .await;

    run(&t, "ALTER TABLE elsewhere RENAME TO mail_letters").await;
    let done = [broken.as_str(), r#"outcome="done""#];
    one.until("batchtrack_jobs_attempts_total", &done, 1.0)
        .await;
    assert_eq!(one.figures(went_well, &[&broken]).await.len(), 1);
}

#[test]
fn what_comes_round_comes_often_enough() {
    for recurring in RECURRING {
        let kind = (recurring.job)().kind();
        let longest = match recurring.every {
            Every::Minutes(minutes) => minutes,
            Every::DayAt(hour) => {
                assert!(hour < 24, "{kind}");
                1_440
            }
        };
        assert!((1..=1_440).contains(&longest), "{kind}");
    }
}
