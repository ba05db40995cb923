use batchtrack_core::{
    outbox,
    platform::{Db, Lifecycle, Redis, wake::Bell},
};
use batchtrack_testkit::{TestDb, event};
use std::time::Duration;

async fn db_with(t: &TestDb, bell: &Bell) -> Db {
    let db = Db::connect(&t.settings.database, t.clock.clone()).await;
    db.unwrap().with_bell(bell)
}

async fn within(patience: Duration, listener: &batchtrack_core::platform::wake::Listener) -> bool {
    tokio::time::timeout(patience, listener.rung())
        .await
        .is_ok()
}

const SOON: Duration = Duration::from_secs(5);
const A_MOMENT: Duration = Duration::from_millis(100);

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_wakes_those_who_wait_for_it_and_nothing_less_does() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let bell = Bell::default();
    let db = db_with(&t, &bell).await;
    let listener = bell.listen(outbox::TOPIC);
    let mut tx = db.begin(t.acting(ours)).await.unwrap();
    outbox::emit(&mut tx, vec![event(1)]).await.unwrap();
    drop(tx);
    assert!(!within(A_MOMENT, &listener).await, "it was rolled back");
    db.begin(t.acting(ours))
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    assert!(!within(A_MOMENT, &listener).await, "it emitted nothing");
    let mut tx = db.begin(t.acting(ours)).await.unwrap();
    outbox::emit(&mut tx, vec![event(1)]).await.unwrap();
    assert!(!within(A_MOMENT, &listener).await, "not before the commit");
    tx.commit().await.unwrap();
    assert!(within(SOON, &listener).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_processes_wake_too() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let (here, there) = (Bell::default(), Bell::default());
    let life = Lifecycle::default();
    let redis = t.redis().await;
    let db = db_with(&t, &here).await;
    let listener = there.listen(outbox::TOPIC);
    let test = async {
        // Whoever begins to listen is woken, for it may have missed something.
        assert!(within(SOON, &listener).await);
        for _ in 0..3 {
            let mut tx = db.begin(t.acting(ours)).await.unwrap();
            outbox::emit(&mut tx, vec![event(1)]).await.unwrap();
            tx.commit().await.unwrap();
            assert!(within(SOON, &listener).await);
        }
        life.stop();
    };
    tokio::join!(here.publish(&life, &redis), there.hear(&life, &redis), test);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_nobody_is_held_up() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut settings = t.settings.redis.clone();
    settings.url = "redis://127.0.0.1:1/0".to_owned().into();
    let redis = Redis::connect(&settings).await.unwrap();
    let bell = Bell::default();
    let life = Lifecycle::default();
    let db = db_with(&t, &bell).await;
    let listener = bell.listen(outbox::TOPIC);
    let test = async {
        let mut tx = db.begin(t.acting(ours)).await.unwrap();
        outbox::emit(&mut tx, vec![event(1)]).await.unwrap();
        let committed = tokio::time::timeout(SOON, tx.commit()).await;
        committed.expect("at once").unwrap();
        assert!(within(SOON, &listener).await, "in this process");
        life.stop();
    };
    tokio::join!(bell.publish(&life, &redis), bell.hear(&life, &redis), test);
}
