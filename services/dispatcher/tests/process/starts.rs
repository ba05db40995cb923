//! How it starts, answers for itself and stops.
use super::running::{Running, dispatcher};
use batchtrack_core::outbox::{self, Event, NewEvent};
use batchtrack_testkit::{Role, TestDb, event};
use serde_json::json;
use std::process::Output;

fn code_and_words(output: &Output) -> (Option<i32>, String) {
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_answers_for_itself_and_stops_when_told_to() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut running = Running::start(dispatcher(&t, Role::System));
    let event = NewEvent::new(
        Event::ProductCreated,
        7,
        json!({ "product_name": "hunter2" }),
    );
    t.commit(ours, async |tx| outbox::emit(tx, vec![event]).await)
        .await;

    let line = running.line("event dispatched");
    assert_eq!(line["event.name"], "product_created");
    assert_eq!(line["organization.id"], ours.get());
    assert!(
        !line.to_string().contains("hunter2"),
        "what an event carries is not logged"
    );

    assert_eq!(running.get("/healthz").await.0, 200);
    let (status, ready) = running.get("/readyz").await;
    assert_eq!(
        (status, ready.contains(r#""status":"ready""#)),
        (200, true),
        "{ready}"
    );
    let (_, metrics) = running.get("/metrics").await;
    for expected in [
        "batchtrack_events_dispatched_total{",
        "batchtrack_outbox_oldest_due_age_seconds{",
        "process_start_time_seconds{",
        r#"pool="system",state="idle""#,
    ] {
        assert!(metrics.contains(expected), "{expected} in {metrics}");
    }

    let address = running.address.clone();
    let (host, port) = address.split_once(':').unwrap();
    let check = dispatcher(&t, Role::System)
        .env("HTTP_HOST", host)
        .env("HTTP_PORT", port)
        .arg("healthcheck")
        .output()
        .unwrap();
    assert_eq!(code_and_words(&check), (Some(0), String::new()));
    assert!(running.stop().success());
    let check = dispatcher(&t, Role::System)
        .env("HTTP_HOST", host)
        .env("HTTP_PORT", port)
        .arg("healthcheck")
        .output()
        .unwrap();
    let (code, words) = code_and_words(&check);
    assert_eq!(
        (code, words.contains("does not answer")),
        (Some(1), true),
        "{words}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn on_an_errand_it_does_what_is_due_and_ends() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let errand = || {
        let mut command = dispatcher(&t, Role::System);
        // No Redis, and a hook at which nobody listens.
        command
            .arg("once")
            .env("DOMAIN_EVENT_WEBHOOK_URL", "http://127.0.0.1:1/hook");
        command.output().unwrap()
    };
    let must_say = |output: &Output, code: i32, words: &str| {
        let said = String::from_utf8_lossy(&output.stdout);
        let log = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*said), (Some(code), words), "{log}");
    };
    // What was to be told and failed waits for another try, which would come in the middle of this.
    let forget = async || {
        use diesel_async::SimpleAsyncConnection as _;
        let mut owner = t.owner_conn().await;
        owner
            .batch_execute("DELETE FROM jobs_delayed")
            .await
            .unwrap();
    };
    // What setting up told of comes first.
    errand();
    forget().await;
    let nothing =
        "processed 0, succeeded 0, failed 0, put off 0: 0 events and 0 attempts at jobs\n";
    must_say(&errand(), 0, nothing);
    let events = vec![event(7), event(8)];
    t.commit(ours, async |tx| outbox::emit(tx, events).await)
        .await;
    // Both are passed on, and both jobs that this asks for fail and have to wait for another try.
    let failed = "processed 4, succeeded 2, failed 2, put off 0: 2 events and 2 attempts at jobs\n";
    must_say(&errand(), 1, failed);
    forget().await;
    must_say(&errand(), 0, nothing);

    let mut refused = dispatcher(&t, Role::Owner);
    let (code, words) = code_and_words(&refused.arg("once").output().unwrap());
    assert_eq!(
        (code, words.contains("BYPASSRLS")),
        (Some(1), true),
        "{words}"
    );
    let mut away = dispatcher(&t, Role::System);
    away.arg("once").env(
        "DATABASE_SYSTEM_URL",
        "postgres://nobody@127.0.0.1:1/nowhere",
    );
    let (code, words) = code_and_words(&away.output().unwrap());
    assert_eq!(code, Some(1), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_for_a_database_that_is_away() {
    let t = TestDb::new().await;
    let mut command = dispatcher(&t, Role::System);
    command.env(
        "DATABASE_SYSTEM_URL",
        "postgres://nobody@127.0.0.1:1/nowhere",
    );
    let mut running = Running::start(command);
    running.line("waiting for the database");
    assert_eq!(running.get("/healthz").await.0, 200);
    let (status, body) = running.get("/readyz").await;
    assert_eq!(
        (status, body.contains("unreachable")),
        (503, true),
        "{body}"
    );
    assert!(running.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_refuses_what_it_was_started_with_in_one_line() {
    let t = TestDb::new().await;
    let misspelt = dispatcher(&t, Role::System)
        .env("DATABASE_POOLSIZE", "4")
        .output()
        .unwrap();
    let (code, words) = code_and_words(&misspelt);
    assert_eq!(code, Some(2));
    assert_eq!(
        words,
        "batchtrack-dispatcher: there is no setting DATABASE_POOLSIZE; did you mean DATABASE_POOL_SIZE?\n"
    );
    let confused = dispatcher(&t, Role::System).arg("--fast").output().unwrap();
    assert_eq!(code_and_words(&confused).0, Some(2));
    for role in [Role::Admin, Role::Owner] {
        let (code, words) = code_and_words(&dispatcher(&t, role).output().unwrap());
        assert_eq!(
            (code, words.contains("BYPASSRLS")),
            (Some(1), true),
            "{words}"
        );
    }
}
