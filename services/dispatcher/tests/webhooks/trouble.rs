//! Receivers that fail, and what that does to the others: nothing.
use super::{
    receiver::{Receiver, Say},
    shop::Shop,
};
use batchtrack_core::webhooks::{Delivery, DeliveryState, DisabledReason, EndpointState};
use batchtrack_dispatcher::work::JobError;
use chrono::Duration;
use std::time::Instant;

/// One event to one receiver: the delivery as it stands after its first attempt, and how long to wait.
async fn first(shop: &Shop, receiver: &Receiver, say: Say) -> (Delivery, Option<f64>) {
    receiver.then(say);
    shop.happens(1).await;
    let planned = shop.told().await.pop().unwrap();
    let wait = match shop.attempt(&planned).await {
        Ok(()) => None,
        Err(JobError::Snooze(wait)) => Some(wait.as_secs_f64()),
        Err(other) => panic!("{other:?}"),
    };
    (shop.delivery(planned.id).await, wait)
}

async fn shop_and_receiver() -> (Shop, Receiver) {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    shop.endpoint(&receiver.url("/"), &["product_created"])
        .await;
    (shop, receiver)
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_is_for_ever() {
    let (shop, receiver) = shop_and_receiver().await;
    let (delivery, wait) = first(&shop, &receiver, Say::status(410)).await;
    assert_eq!((delivery.state, wait), (DeliveryState::Failed, None));
    let endpoint = shop.state_of(delivery.endpoint).await;
    assert_eq!(endpoint.state, EndpointState::Disabled);
    assert_eq!(endpoint.disabled_reason, Some(DisabledReason::Gone));
    shop.happens(1).await;
    assert_eq!(shop.told().await.len(), 1, "it hears of nothing more");
    assert_eq!(shop.letters().await, ["endpoint_disabled"]);
    assert!(
        shop.names()
            .await
            .contains(&"webhook_endpoint_disabled".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_when_is_left_alone_until_then() {
    let (shop, receiver) = shop_and_receiver().await;
    let later = vec![("retry-after", "90".to_owned())];
    let busy = Say::Status(429, later, String::new());
    let (delivery, wait) = first(&shop, &receiver, busy).await;
    assert!((90.0..=108.0).contains(&wait.unwrap()), "{wait:?}");
    assert!(
        shop.state_of(delivery.endpoint)
            .await
            .throttled_until
            .is_some()
    );
    // Others to the same endpoint wait as well.
    let (other, wait) = first(&shop, &receiver, Say::status(204)).await;
    assert_eq!((other.state, other.attempts), (DeliveryState::Pending, 0));
    assert!((90.0..=91.0).contains(&wait.unwrap()), "{wait:?}");
    shop.t.clock.advance(Duration::seconds(91));
    shop.attempt(&other).await.unwrap();
    assert_eq!(receiver.got().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_not_followed() {
    let (shop, receiver) = shop_and_receiver().await;
    let elsewhere = Receiver::start().await;
    let to = vec![("location", elsewhere.url("/"))];
    let (delivery, wait) = first(&shop, &receiver, Say::Status(307, to, String::new())).await;
    assert!(wait.is_some());
    assert_eq!(delivery.last_status, Some(307));
    assert!(elsewhere.got().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_is_tried_once_more_at_once() {
    let (shop, receiver) = shop_and_receiver().await;
    let (delivery, wait) = first(&shop, &receiver, Say::HangUp).await;
    assert_eq!((delivery.state, wait), (DeliveryState::Delivered, None));
    assert_eq!(delivery.attempts, 1, "one attempt of two tries");
    receiver.always(Say::HangUp);
    let (delivery, wait) = first(&shop, &receiver, Say::HangUp).await;
    assert!(wait.is_some());
    assert!(delivery.last_error.unwrap().contains("connection broke"));
    assert_eq!(receiver.got().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_read_no_further_than_it_matters() {
    let (shop, receiver) = shop_and_receiver().await;
    let start = Instant::now();
    let (delivery, _) = first(&shop, &receiver, Say::Endless).await;
    assert_eq!(delivery.state, DeliveryState::Delivered);
    assert!(start.elapsed().as_secs() < 10);
    let attempts = shop.attempts(&delivery).await;
    assert_eq!(attempts[0].answer_body.as_ref().unwrap().len(), 4_096);
    // What the database can't take is replaced.
    let odd = Say::Status(
        400,
        vec![("x-odd", "\u{1}".to_owned())],
        "a\0b\u{fffd}".to_owned(),
    );
    let (delivery, _) = first(&shop, &receiver, odd).await;
    assert_eq!(delivery.attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_moves_nobody_else() {
    let (shop, hanging) = shop_and_receiver().await;
    hanging.always(Say::Hang);
    let quick = Receiver::start().await;
    shop.endpoint(&quick.url("/"), &["product_created"]).await;
    shop.happens(1).await;
    let planned = shop.told().await;
    let attempts = planned.iter().map(|delivery| async {
        let start = Instant::now();
        let done = shop.attempt(delivery).await;
        (start.elapsed(), done.is_ok())
    });
    let mut done: Vec<_> = futures_util::future::join_all(attempts).await;
    done.sort();
    assert!(done[0].1 && done[0].0.as_millis() < 5_000, "{done:?}");
    assert!(
        !done[1].1 && (14..20).contains(&done[1].0.as_secs()),
        "{done:?}"
    );
    let stuck = shop.told().await;
    let stuck = stuck.iter().find(|d| d.state == DeliveryState::Pending);
    assert_eq!(
        stuck.unwrap().last_error.as_deref(),
        Some("no answer within 15 seconds")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn five_days_of_nothing_but_failures_disable_an_endpoint_and_its_owner_is_told() {
    let (shop, receiver) = shop_and_receiver().await;
    receiver.always(Say::status(500));
    let (delivery, _) = first(&shop, &receiver, Say::status(500)).await;
    let since = shop.state_of(delivery.endpoint).await.failing_since;
    assert_eq!(since, Some(shop.t.clock.now()));
    for hours in [24, 24, 24, 24, 23] {
        shop.t.clock.advance(Duration::hours(hours));
        first(&shop, &receiver, Say::status(500)).await;
    }
    let endpoint = shop.state_of(delivery.endpoint).await;
    assert_eq!(endpoint.state, EndpointState::Enabled);
    assert_eq!(endpoint.failing_since, since, "119 hours");
    shop.t.clock.advance(Duration::hours(1));
    first(&shop, &receiver, Say::status(500)).await;
    let endpoint = shop.state_of(delivery.endpoint).await;
    assert_eq!(endpoint.state, EndpointState::Disabled);
    assert_eq!(endpoint.disabled_reason, Some(DisabledReason::Failing));
    assert_eq!(shop.letters().await, ["endpoint_disabled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_success_clears_all_failures() {
    let (shop, receiver) = shop_and_receiver().await;
    let (delivery, _) = first(&shop, &receiver, Say::status(500)).await;
    for _ in 0..6 {
        shop.t.clock.advance(Duration::hours(24));
        first(&shop, &receiver, Say::status(204)).await;
        first(&shop, &receiver, Say::status(500)).await;
    }
    let endpoint = shop.state_of(delivery.endpoint).await;
    assert_eq!(endpoint.state, EndpointState::Enabled);
    assert_eq!(endpoint.failing_since, Some(shop.t.clock.now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_two_workers_make_is_written_down_once() {
    let (shop, receiver) = shop_and_receiver().await;
    receiver.always(Say::status(500));
    shop.happens(1).await;
    let planned = shop.told().await.remove(0);
    let (one, other) = tokio::join!(shop.attempt(&planned), shop.attempt(&planned));
    assert!(one.is_err() && other.is_err());
    let after = shop.delivery(planned.id).await;
    assert_eq!(
        after.attempts,
        i32::try_from(shop.attempts(&planned).await.len()).unwrap()
    );
    assert_eq!(after.attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_attempt_ends_it() {
    let (shop, receiver) = shop_and_receiver().await;
    receiver.always(Say::status(503));
    let (delivery, _) = first(&shop, &receiver, Say::status(503)).await;
    for _ in 0..9 {
        shop.t.clock.advance(Duration::hours(30));
        let _ = shop.attempt(&delivery).await;
        // Kept alive by others, or it would be disabled on the way.
        receiver.then(Say::status(204));
        shop.happens(1).await;
        let other = shop.told().await.pop().unwrap();
        shop.attempt(&other).await.unwrap();
    }
    let ended = shop.delivery(delivery.id).await;
    assert_eq!((ended.state, ended.attempts), (DeliveryState::Failed, 10));
    assert_eq!(shop.attempts(&delivery).await.len(), 10);
}
