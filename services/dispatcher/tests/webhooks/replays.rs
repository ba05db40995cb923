//! What is sent again.
use super::{
    receiver::{Receiver, Say},
    shop::Shop,
};
use batchtrack_core::{
    kernel::ids::{WebhookEndpointId, WebhookReplayId},
    webhooks::{self, Cause, DeliveryState, NewReplay, SendAgain},
};

async fn replay(shop: &Shop, new: NewReplay) -> (WebhookReplayId, i64) {
    let id = shop
        .t
        .commit(shop.ours, async |tx| webhooks::start_replay(tx, new).await)
        .await;
    let job = SendAgain {
        organization: shop.ours,
        replay: id,
    };
    shop.send_again(job.clone()).await;
    // A job that is done twice plans once.
    shop.send_again(job).await;
    let mut tx = shop.t.begin(shop.ours).await;
    let done = webhooks::replay(&mut tx, id).await.unwrap().unwrap();
    assert!(done.finished_at.is_some());
    (id, done.planned)
}

async fn shop_with(receiver: &Receiver) -> (Shop, WebhookEndpointId) {
    let shop = Shop::open().await;
    let (id, _) = shop
        .endpoint(&receiver.url("/"), &["product_created"])
        .await;
    (shop, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_delivery_is_sent_again_under_the_same_id() {
    let receiver = Receiver::start().await;
    let (shop, _) = shop_with(&receiver).await;
    shop.happens(1).await;
    let first = shop.told().await.remove(0);
    shop.attempt(&first).await.unwrap();
    let again = shop
        .t
        .commit(shop.ours, async |tx| {
            webhooks::replay_delivery(tx, first.id).await
        })
        .await;
    let again = shop.delivery(again).await;
    assert_eq!(again.cause, Cause::Replay);
    shop.attempt(&again).await.unwrap();
    let got = receiver.got();
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
    assert_eq!(got[0].body, got[1].body);
    assert_eq!(shop.told().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stretch_of_time_is_sent_again_in_parts() {
    let receiver = Receiver::start().await;
    let (shop, id) = shop_with(&receiver).await;
    shop.happens(1_000).await;
    shop.happens(3).await;
    let wanted = NewReplay {
        endpoint: Some(id),
        // What the database calls now, which tests don't move.
        to: Some("2999-01-01T00:00:00Z".parse().unwrap()),
        ..NewReplay::default()
    };
    shop.t.clock.advance(chrono::Duration::days(36_500));
    let (_, planned) = replay(&shop, wanted.clone()).await;
    assert_eq!(planned, 1_003);
    let others = NewReplay {
        event_name: Some("batch_started".to_owned()),
        ..wanted
    };
    assert_eq!(replay(&shop, others).await.1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_did_not_arrive_is_sent_again() {
    let receiver = Receiver::start().await;
    let (shop, _) = shop_with(&receiver).await;
    shop.happens(2).await;
    let [arrived, lost] = <[_; 2]>::try_from(shop.told().await).unwrap();
    shop.attempt(&arrived).await.unwrap();
    receiver.always(Say::status(500));
    for _ in 0..10 {
        let _ = shop.attempt(&lost).await;
        shop.t.clock.advance(chrono::Duration::hours(29));
        shop.enable_all().await;
    }
    assert_eq!(shop.delivery(lost.id).await.state, DeliveryState::Failed);
    receiver.always(Say::status(204));
    let wanted = NewReplay {
        only_unmet: true,
        ..NewReplay::default()
    };
    assert_eq!(replay(&shop, wanted.clone()).await.1, 1);
    let again = shop.told().await.pop().unwrap();
    assert_eq!(again.event, lost.event);
    assert_eq!(replay(&shop, wanted.clone()).await.1, 0, "it is on its way");
    shop.attempt(&again).await.unwrap();
    assert_eq!(replay(&shop, wanted).await.1, 0, "it has arrived");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_and_a_foreign_delivery_are_not_sent_again() {
    let receiver = Receiver::start().await;
    let (shop, id) = shop_with(&receiver).await;
    let test = shop
        .t
        .commit(shop.ours, async |tx| webhooks::test(tx, id).await)
        .await;
    let mut tx = shop.t.begin(shop.ours).await;
    let refused = webhooks::replay_delivery(&mut tx, test).await;
    assert!(matches!(refused, Err(webhooks::WebhookError::WasATest)));
    drop(tx);
    let theirs = shop.t.organization("Others").await;
    let mut tx = shop.t.begin(theirs).await;
    let refused = webhooks::replay_delivery(&mut tx, test).await;
    assert!(matches!(refused, Err(webhooks::WebhookError::NoDelivery)));
    let refused = webhooks::test(&mut tx, id).await;
    assert!(matches!(refused, Err(webhooks::WebhookError::NoEndpoint)));
}
