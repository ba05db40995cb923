use crate::sql::number;
use batchtrack_core::{
    outbox::{self, Claimed, Consumer, NewEvent, Receipt},
    platform::statements::counted,
};
use batchtrack_testkit::{CORRELATION, TestDb, event};
use chrono::Duration as Days;
use serde_json::json;
use std::{collections::HashSet, time::Duration};

const LEASE: Duration = Duration::from_secs(30);

fn sold(n: i64) -> NewEvent {
    event(n)
}

async fn claim(t: &TestDb, limit: u32) -> Vec<Claimed> {
    outbox::claim(&t.system, Consumer::Dispatcher, limit, LEASE)
        .await
        .unwrap()
}

async fn finish(t: &TestDb, done: &[Receipt]) -> usize {
    outbox::finish(&t.system, Consumer::Dispatcher, done)
        .await
        .unwrap()
}

fn receipts(claimed: &[Claimed]) -> Vec<Receipt> {
    claimed.iter().map(Claimed::receipt).collect()
}

async fn emit(t: &TestDb, how_many: i64) {
    let ours = t.organization("Acme").await;
    t.commit(ours, async |tx| {
        outbox::emit(tx, (1..=how_many).map(sold).collect()).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_is_there_when_and_only_if_its_cause_is() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut tx = t.begin(ours).await;
    outbox::emit(&mut tx, vec![sold(1)]).await.unwrap();
    drop(tx);
    assert!(claim(&t, 10).await.is_empty(), "it never happened");

    let mut tx = t.begin(ours).await;
    outbox::emit(&mut tx, vec![sold(2)]).await.unwrap();
    assert!(claim(&t, 10).await.is_empty(), "it has not happened yet");
    tx.commit().await.unwrap();
    let claimed = claim(&t, 10).await;
    assert_eq!(claimed.len(), 1);
    let fact = claimed.first().unwrap();
    assert_eq!(fact.organization, ours);
    assert_eq!(fact.user, Some(t.owner_of(ours)));
    assert_eq!(
        (
            fact.name.as_str(),
            fact.entity_type.as_str(),
            fact.entity_id
        ),
        ("product_created", "product", 2)
    );
    assert_eq!(fact.properties, json!({ "product_name": "Soap 2" }));
    assert_eq!(fact.occurred_at, t.clock.now());
    assert_eq!((fact.correlation.as_str(), fact.attempt), (CORRELATION, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_facts_is_one_statement_and_keeps_its_order() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut tx = t.begin(ours).await;
    let (emitted, statements) = counted(outbox::emit(&mut tx, (1..=350).map(sold).collect())).await;
    emitted.unwrap();
    assert_eq!(statements, 1);
    let (emitted, statements) = counted(outbox::emit(&mut tx, vec![])).await;
    emitted.unwrap();
    assert_eq!(statements, 0);
    tx.commit().await.unwrap();
    let order: Vec<i64> = claim(&t, 1000)
        .await
        .iter()
        .map(|fact| fact.entity_id)
        .collect();
    assert_eq!(order, (1..=350).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_up_records_facts_of_an_organisation_it_has_just_made() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut tx = t.system.begin().await.unwrap();
    let event = sold(ours.get());
    outbox::emit_for_system(&mut tx, ours, None, "sign-up", vec![event])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let claimed = claim(&t, 10).await;
    let fact = claimed.first().unwrap();
    assert_eq!(
        (fact.organization, fact.user, fact.correlation.as_str()),
        (ours, None, "sign-up")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_fact_is_claimed_by_exactly_one() {
    let t = TestDb::new().await;
    emit(&t, 61).await;
    let claimers: Vec<_> = (0..6)
        .map(|_| {
            let system = t.system.clone();
            #[expect(
                clippy::disallowed_methods,
                reason = "a test waits for its tasks itself"
            )]
            tokio::spawn(async move {
                let mut mine = vec![];
                loop {
                    let more = outbox::claim(&system, Consumer::Dispatcher, 5, LEASE)
                        .await
                        .unwrap();
                    if more.is_empty() {
                        return mine;
                    }
                    mine.extend(receipts(&more));
                }
            })
        })
        .collect();
    let mut all = vec![];
    for claimer in claimers {
        all.extend(claimer.await.unwrap());
    }
    assert_eq!(all.len(), 61);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 61);
    assert_eq!(finish(&t, &all).await, 61);
    let waiting = "SELECT count(*) AS n FROM outbox_queue";
    assert_eq!(number(&mut t.owner_conn().await, waiting).await, 0);
    let kept = "SELECT count(*) AS n FROM domain_events";
    assert_eq!(
        number(&mut t.owner_conn().await, kept).await,
        61,
        "facts stay"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_consumer_held_comes_back() {
    let t = TestDb::new().await;
    emit(&t, 3).await;
    let first = claim(&t, 10).await;
    assert_eq!(first.len(), 3);
    t.clock.advance(Days::seconds(29));
    assert!(claim(&t, 10).await.is_empty(), "its lease still runs");
    t.clock.advance(Days::seconds(1));
    let second = claim(&t, 10).await;
    assert_eq!(second.len(), 3);
    assert!(second.iter().all(|fact| fact.attempt == 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_lease_finishes_nothing() {
    let t = TestDb::new().await;
    emit(&t, 2).await;
    let slow = receipts(&claim(&t, 10).await);
    t.clock.advance(Days::seconds(30));
    let quick = receipts(&claim(&t, 10).await);
    assert_eq!(finish(&t, &slow).await, 0);
    assert_eq!(finish(&t, &quick).await, 2);
    assert_eq!(finish(&t, &quick).await, 0);
    assert_eq!(finish(&t, &[]).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_of_the_longest_waiting_is_known() {
    let t = TestDb::new().await;
    let oldest = async || {
        outbox::oldest_due(&t.system, Consumer::Dispatcher)
            .await
            .unwrap()
    };
    assert_eq!(oldest().await, None);
    let begin = t.clock.now();
    emit(&t, 2).await;
    t.clock.advance(Days::seconds(5));
    assert_eq!(oldest().await, Some(begin));
    let claimed = claim(&t, 10).await;
    assert_eq!(oldest().await, None, "somebody is at it");
    finish(&t, &receipts(&claimed)).await;
}
