//! The operator's own hook.
use super::{
    receiver::{Receiver, Say},
    shop::Shop,
};
use batchtrack_core::{kernel::ids::EventId, webhooks::TellOperator};
use batchtrack_dispatcher::{
    relay::Relay,
    work::{JobError, Work as _},
};
use chrono::{DateTime, Utc};
use diesel_async::RunQueryDsl as _;
use secrecy::SecretString;
use serde_json::json;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[derive(diesel::QueryableByName)]
struct Asked {
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    args: serde_json::Value,
}

#[derive(diesel::QueryableByName)]
struct Failure {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    event_id: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    error: String,
}

async fn shop(receiver: &Receiver, secret: Option<&str>) -> Shop {
    Shop::with(|settings| {
        settings.webhooks.allowed_addresses.clear();
        settings.webhooks.operator_url = Some(SecretString::from(receiver.url("/hook")));
        settings.webhooks.operator_secret = secret.map(SecretString::from);
    })
    .await
}

/// Something happens, and the relay asks for the operator to be told.
async fn job(shop: &Shop) -> TellOperator {
    let event = batchtrack_testkit::event(7);
    shop.t
        .commit(shop.ours, async |tx| {
            batchtrack_core::outbox::emit(tx, vec![event]).await
        })
        .await;
    Relay::new(shop.t.system.clone(), true)
        .turn()
        .await
        .unwrap();
    let asked: Asked = diesel::sql_query(
        "SELECT args FROM jobs WHERE kind = 'webhooks.operator.v1' ORDER BY id DESC LIMIT 1",
    )
    .get_result(&mut shop.t.owner_conn().await)
    .await
    .unwrap();
    serde_json::from_value(asked.args).unwrap()
}

async fn failures(shop: &Shop) -> Vec<Failure> {
    diesel::sql_query("SELECT event_id, error FROM operator_hook_failures")
        .load(&mut shop.t.owner_conn().await)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_hears_of_every_event_in_the_form_of_old() {
    let receiver = Receiver::start().await;
    let shop = shop(&receiver, Some(SECRET)).await;
    let job = job(&shop).await;
    let (event, at): (EventId, DateTime<Utc>) = (job.event, shop.t.clock.now());
    job.run(&shop.ctx, &shop.run(1, 12)).await.unwrap();
    let got = receiver.got();
    assert_eq!(got[0].path, "/hook");
    assert_eq!(got[0].header("idempotency-key"), format!("evt_{event}"));
    let told = got[0].verify(SECRET, shop.now()).unwrap();
    assert_eq!(
        told,
        json!({
            "id": event.get(), "event_name": "product_created", "occurred_at": at,
            "organization_id": shop.ours.get(), "user_id": shop.t.owner_of(shop.ours).get(),
            "entity_type": "product", "entity_id": 7, "correlation_id": "test", "source": "app",
            "schema_version": 1, "properties": { "product_name": "Soap 7" },
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_nothing_is_signed() {
    let receiver = Receiver::start().await;
    let shop = shop(&receiver, None).await;
    job(&shop)
        .await
        .run(&shop.ctx, &shop.run(1, 12))
        .await
        .unwrap();
    let got = receiver.got();
    assert_eq!(got[0].header("webhook-signature"), "");
    assert!(got[0].header("idempotency-key").starts_with("evt_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_does_not_take_in_the_end_is_written_down_and_can_be_sent_again() {
    let receiver = Receiver::start().await;
    let shop = shop(&receiver, None).await;
    let job = job(&shop).await;
    receiver.then(Say::Status(
        503,
        vec![("retry-after", "30".to_owned())],
        String::new(),
    ));
    receiver.then(Say::status(500));
    let first = job.clone().run(&shop.ctx, &shop.run(1, 12)).await;
    assert!(
        matches!(first, Err(JobError::RetryAt { after, .. }) if after.as_secs() == 30),
        "{first:?}"
    );
    assert!(failures(&shop).await.is_empty());
    let last = job.clone().run(&shop.ctx, &shop.run(12, 12)).await;
    assert!(matches!(last, Err(JobError::Retry(_))), "{last:?}");
    let failed = failures(&shop).await;
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].event_id, job.event.get());
    assert!(failed[0].error.contains("500"));
    job.run(&shop.ctx, &shop.run(1, 12)).await.unwrap();
    assert!(failures(&shop).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_the_settings_stops_the_process() {
    use batchtrack_dispatcher::deliver::Hooks;
    let t = batchtrack_testkit::TestDb::new().await;
    let stopped = |change: &dyn Fn(&mut batchtrack_core::platform::Settings)| {
        let mut settings = t.settings.clone();
        change(&mut settings);
        format!("{:#}", Hooks::new(&settings).unwrap_err())
    };
    let words = stopped(&|s| s.webhooks.operator_url = Some("ftp://example.com".into()));
    assert!(words.contains("DOMAIN_EVENT_WEBHOOK_URL"), "{words}");
    let words = stopped(&|s| {
        s.webhooks.operator_url = Some("https://example.com".into());
        s.webhooks.operator_secret = Some("hunter2".into());
    });
    assert!(
        words.contains("DOMAIN_EVENT_WEBHOOK_SECRET") && !words.contains("hunter2"),
        "{words}"
    );
    let words = stopped(&|s| s.http.secret_key = None);
    assert!(words.contains("APP_SECRET_KEY is not set"), "{words}");
}
