//! SIGTERM with work under way.
use super::running::{Running, dispatcher, number};
use batchtrack_core::{
    outbox,
    webhooks::{self, Desk, NewEndpoint},
};
use batchtrack_testkit::{Role, TestDb, event};
use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use tokio::net::TcpListener;

/// A server that takes what it is sent and never says a word; how many it has on the line.
async fn silent() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let there = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&there);
    tokio::spawn(async move {
        let mut kept = vec![];
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, SeqCst);
            kept.push(stream);
        }
    });
    (url, there)
}

fn patient(t: &TestDb) -> Command {
    let mut command = dispatcher(t, Role::System);
    command
        .env("WEBHOOK_ALLOWED_ADDRESSES", "127.0.0.0/8")
        .env("QUEUE_WEBHOOKS_CONCURRENCY", "8")
        .env("SHUTDOWN_TIMEOUT_SECONDS", "5");
    command
}

const HELD: &str =
    "SELECT count(*) AS n FROM jobs WHERE kind = 'webhooks.deliver.v1' AND worker_id IS NOT NULL";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_handed_back_when_time_is_up_and_nobody_waits_for_a_lease() {
    let mut t = TestDb::new().await;
    t.settings.webhooks.allowed_addresses = vec!["127.0.0.0/8".parse().unwrap()];
    let (ours, desk) = (
        t.organization("Acme").await,
        Desk::new(&t.settings).unwrap(),
    );
    let (url, requests) = silent().await;
    for _ in 0..4 {
        let new = NewEndpoint {
            url: url.clone(),
            description: String::new(),
            events: vec![],
        };
        t.commit(ours, async |tx| webhooks::create(tx, &desk, new).await)
            .await;
    }
    let mut first = Running::start(patient(&t));
    let events = (0..10).map(event).collect();
    t.commit(ours, async |tx| outbox::emit(tx, events).await)
        .await;
    let start = Instant::now();
    while requests.load(SeqCst) < 8 {
        assert!(start.elapsed() < Duration::from_secs(20), "{requests:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(number(&t, HELD).await >= 8);

    first.tell_to_stop();
    let told = Instant::now();
    let status = tokio::task::spawn_blocking(move || first.ended());
    let status = status.await.unwrap();
    let took = told.elapsed();
    assert!(status.success(), "{status}");
    assert!(
        took < Duration::from_secs(5),
        "it was given five seconds and took {took:?}"
    );
    assert_eq!(number(&t, HELD).await, 0);
    let left = "SELECT count(*) AS n FROM job_workers";
    assert_eq!(number(&t, left).await, 0, "it has said goodbye");
    // Nothing has failed, and nobody is suspected of anything.
    let clean = "SELECT count(*) AS n FROM jobs WHERE kind = 'webhooks.deliver.v1' AND failures = 0 AND NOT suspect";
    assert!(number(&t, clean).await >= 40, "ten events for each of four");

    let _second = Running::start(patient(&t));
    let (start, before) = (Instant::now(), requests.load(SeqCst));
    while requests.load(SeqCst) < before + 8 {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "a lease is thirty seconds; the next has to begin long before"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
