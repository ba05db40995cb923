//! Answers to writes: replayed for a day, then forgotten.
use batchtrack_core::platform::idempotency::{self, Answer, Claim};
use batchtrack_testkit::TestDb;
use chrono::Duration;

const REQUEST: [u8; 32] = [7; 32];

fn answer() -> Answer {
    Answer {
        status: 201,
        location: Some("/here".to_owned()),
        body: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_replayed_until_it_is_forgotten() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.commit(ours, async |tx| {
        assert_eq!(
            idempotency::claim(tx, "k", REQUEST).await.unwrap(),
            Claim::New
        );
        idempotency::store(tx, "k", answer()).await
    })
    .await;

    t.clock.advance(Duration::hours(23));
    assert_eq!(idempotency::forget(&t.system, 10).await.unwrap(), 0);
    let mut tx = t.begin(ours).await;
    assert_eq!(
        idempotency::claim(&mut tx, "k", REQUEST).await.unwrap(),
        Claim::Replay(answer())
    );
    assert_eq!(
        idempotency::claim(&mut tx, "k", [8; 32]).await.unwrap(),
        Claim::Mismatch
    );
    drop(tx);

    t.clock.advance(Duration::hours(2));
    assert_eq!(idempotency::forget(&t.system, 10).await.unwrap(), 1);
    let mut tx = t.begin(ours).await;
    assert_eq!(
        idempotency::claim(&mut tx, "k", [8; 32]).await.unwrap(),
        Claim::New
    );
}
