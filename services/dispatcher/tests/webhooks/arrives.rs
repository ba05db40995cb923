//! What is committed arrives, as its receiver can prove.
use super::{
    receiver::{Receiver, Say},
    shop::Shop,
};
use batchtrack_core::webhooks::{self, Change, DeliveryState, EndpointState};
use batchtrack_dispatcher::work::JobError;
use batchtrack_testkit::standard_webhooks::Refused;
use chrono::Duration;
use secrecy::ExposeSecret as _;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_arrives_signed() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let (id, secret) = shop
        .endpoint(&receiver.url("/in?shop=7"), &["product_created"])
        .await;
    shop.happens(1).await;
    let planned = shop.deliveries().await;
    assert_eq!(planned.len(), 1, "one event that it asked for");
    shop.attempt(&planned[0]).await.unwrap();

    let got = receiver.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].path, "/in?shop=7");
    assert_eq!(got[0].header("content-type"), "application/json");
    assert_eq!(got[0].header("accept-encoding"), "");
    let told = got[0].verify(&secret, shop.now()).unwrap();
    assert_eq!(told["type"], json!("product_created"));
    assert_eq!(told["data"]["organization_id"], json!(shop.ours.get()));
    assert_eq!(told["data"]["properties"]["product_name"], json!("Soap 1"));
    let event = planned[0].event.unwrap();
    assert_eq!(told["data"]["id"], json!(event.get()));
    assert_eq!(got[0].header("webhook-id"), format!("evt_{event}"));

    let mut tampered = got[0].clone();
    tampered.body[10] ^= 1;
    assert_eq!(
        tampered.verify(&secret, shop.now()),
        Err(Refused::NoMatchingSignature)
    );
    assert_eq!(
        got[0].verify(&secret, shop.now() + 301),
        Err(Refused::TooOld)
    );

    // What the library of the specification's own authors makes of the same message.
    let theirs = standardwebhooks::Webhook::new(&secret).unwrap();
    let signature = theirs.sign(got[0].header("webhook-id"), shop.now(), &got[0].body);
    assert_eq!(signature.unwrap(), got[0].header("webhook-signature"));

    let done = shop.delivery(planned[0].id).await;
    assert_eq!((done.state, done.attempts), (DeliveryState::Delivered, 1));
    assert_eq!(done.last_status, Some(204));
    let attempts = shop.attempts(&done).await;
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].url, receiver.url("/in?shop=7"));
    assert!(attempts[0].duration_us > 0);
    assert!(shop.state_of(id).await.last_delivered_at.is_some());
    // A job that is done twice sends once.
    shop.attempt(&planned[0]).await.unwrap();
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_sign_for_a_day_after_a_rotation() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let (id, old) = shop
        .endpoint(&receiver.url("/"), &["product_created"])
        .await;
    let rotate = || async {
        let secret = shop
            .t
            .commit(shop.ours, async |tx| {
                webhooks::rotate_secret(tx, &shop.desk, id).await
            })
            .await;
        secret.to_text().expose_secret().to_owned()
    };
    let new = rotate().await;
    assert_ne!(old, new);
    shop.happens(1).await;
    shop.attempt(&shop.told().await[0]).await.unwrap();
    let first = &receiver.got()[0];
    assert_eq!(first.header("webhook-signature").split(' ').count(), 2);
    first.verify(&old, shop.now()).unwrap();
    first.verify(&new, shop.now()).unwrap();

    shop.t.clock.advance(Duration::hours(24));
    shop.happens(1).await;
    shop.attempt(&shop.told().await[1]).await.unwrap();
    let second = &receiver.got()[1];
    assert_eq!(
        second.verify(&old, shop.now()),
        Err(Refused::NoMatchingSignature),
        "its day is over"
    );
    second.verify(&new, shop.now()).unwrap();

    // Whoever rotates twice in a hurry keeps two, the oldest goes.
    let (third, fourth) = (rotate().await, rotate().await);
    shop.happens(1).await;
    shop.attempt(&shop.told().await[2]).await.unwrap();
    let last = &receiver.got()[2];
    assert_eq!(last.header("webhook-signature").split(' ').count(), 2);
    assert!(last.verify(&new, shop.now()).is_err());
    last.verify(&third, shop.now()).unwrap();
    last.verify(&fourth, shop.now()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_the_same_message_at_another_time() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let (_, secret) = shop
        .endpoint(&receiver.url("/"), &["product_created"])
        .await;
    receiver.then(Say::status(500));
    shop.happens(1).await;
    let planned = shop.told().await.remove(0);
    let Err(JobError::Snooze(wait)) = shop.attempt(&planned).await else {
        panic!("it is to come again")
    };
    assert!((5.0..=6.0).contains(&wait.as_secs_f64()), "{wait:?}");
    let failed = shop.delivery(planned.id).await;
    assert_eq!((failed.state, failed.attempts), (DeliveryState::Pending, 1));
    assert_eq!(
        failed.last_error.as_deref(),
        Some("answered 500 Internal Server Error")
    );
    // Too early, whoever asks.
    assert!(matches!(
        shop.attempt(&planned).await,
        Err(JobError::Snooze(_))
    ));
    assert_eq!(receiver.got().len(), 1);

    shop.t.clock.advance(Duration::seconds(6));
    shop.attempt(&planned).await.unwrap();
    let got = receiver.got();
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
    assert_eq!(got[0].body, got[1].body);
    assert_ne!(
        got[0].header("webhook-timestamp"),
        got[1].header("webhook-timestamp")
    );
    got[1].verify(&secret, shop.now()).unwrap();
    let attempts = shop.attempts(&planned).await;
    let numbers: Vec<_> = attempts.iter().map(|a| (a.number, a.status)).collect();
    assert_eq!(numbers, [(1, Some(500)), (2, Some(204))]);
    assert_eq!(attempts[0].answer_body.as_deref(), Some("thank you"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_starts_after_the_endpoint_is_deleted_or_disabled() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let (deleted, _) = shop
        .endpoint(&receiver.url("/deleted"), &["product_created"])
        .await;
    let (disabled, _) = shop
        .endpoint(&receiver.url("/disabled"), &["product_created"])
        .await;
    shop.happens(1).await;
    shop.t
        .commit(shop.ours, async |tx| webhooks::delete(tx, deleted).await)
        .await;
    let off = Change {
        state: Some(EndpointState::Disabled),
        ..Change::default()
    };
    shop.t
        .commit(shop.ours, async |tx| {
            webhooks::update(tx, &shop.desk, disabled, off).await
        })
        .await;
    for planned in shop.told().await {
        shop.attempt(&planned).await.unwrap();
        let over = shop.delivery(planned.id).await;
        assert_eq!(over.state, DeliveryState::Cancelled);
        assert!(over.last_error.is_some());
    }
    shop.happens(1).await;
    assert_eq!(shop.told().await.len(), 2, "nothing new is planned");
    assert!(receiver.got().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_and_the_end_of_its_endpoint_come_one_after_the_other() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let (id, _) = shop
        .endpoint(&receiver.url("/"), &["product_created"])
        .await;
    shop.happens(1).await;
    let planned = shop.told().await.remove(0);
    let mut deleting = shop.t.begin(shop.ours).await;
    webhooks::delete(&mut deleting, id).await.unwrap();
    let attempt = shop.attempt(&planned);
    let commit = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert!(receiver.got().is_empty(), "it waits for the deletion");
        deleting.commit().await.unwrap();
    };
    let (attempted, ()) = tokio::join!(attempt, commit);
    attempted.unwrap();
    assert!(receiver.got().is_empty());
    assert_eq!(
        shop.delivery(planned.id).await.state,
        DeliveryState::Cancelled
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_arrives_at_once_and_is_tried_once() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let (id, secret) = shop.endpoint(&receiver.url("/"), &[]).await;
    for status in [204, 500] {
        receiver.then(Say::status(status));
        let test = shop
            .t
            .commit(shop.ours, async |tx| webhooks::test(tx, id).await)
            .await;
        shop.attempt(&shop.delivery(test).await).await.unwrap();
    }
    let got = receiver.got();
    assert_eq!(got.len(), 2);
    let told = got[0].verify(&secret, shop.now()).unwrap();
    assert_eq!(told["type"], json!("webhook_test"));
    let states: Vec<_> = shop.deliveries().await.iter().map(|d| d.state).collect();
    assert_eq!(states, [DeliveryState::Delivered, DeliveryState::Failed]);
    assert_eq!(shop.state_of(id).await.failing_since, None);
}
