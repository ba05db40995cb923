//! Events, from the outbox to those who hear of them.
use batchtrack_core::{outbox, platform::Lifecycle};
use batchtrack_dispatcher::relay;
use batchtrack_testkit::{TestDb, event};
use std::time::Duration;

async fn emit(t: &TestDb, how_many: i64) {
    let ours = t.organization("Acme").await;
    let events = (1..=how_many).map(event).collect();
    t.commit(ours, async |tx| outbox::emit(tx, events).await)
        .await;
}

async fn is_empty(t: &TestDb) -> bool {
    let due = outbox::oldest_due(&t.system, outbox::Consumer::Dispatcher).await;
    due.expect("the queue can be read").is_none()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_deals_with_a_batch_and_the_next_with_the_rest() {
    let t = TestDb::new().await;
    emit(&t, 130).await;
    let mut turns = vec![];
    for _ in 0..3 {
        turns.push(relay::turn(&t.system).await.expect("a turn"));
    }
    assert_eq!(turns, [100, 30, 0]);
    t.clock.advance(chrono::Duration::days(1));
    assert_eq!(
        relay::turn(&t.system).await.expect("a turn"),
        0,
        "nothing is left behind"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_finds_events_by_itself_and_ends_with_the_process() {
    let t = TestDb::new().await;
    let life = Lifecycle::default();
    let watch = async {
        emit(&t, 3).await;
        while !is_empty(&t).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        life.stop();
    };
    let both = async { tokio::join!(relay::run(&life, &t.system), watch) };
    tokio::time::timeout(Duration::from_secs(10), both)
        .await
        .expect("it finds them and stops");
}
