//! An organisation with endpoints, and a dispatcher that a test moves by hand.
use batchtrack_core::{
    kernel::ids::{JobId, OrganizationId, WebhookDeliveryId, WebhookEndpointId},
    outbox,
    platform::Settings,
    webhooks::{self, Attempt, Deliver, Delivery, Desk, Endpoint, NewEndpoint, SendAgain, Wanted},
};
use batchtrack_dispatcher::{
    relay::Relay,
    work::{Ctx, JobError, Run, Work},
};
use batchtrack_testkit::{TestDb, event};
use diesel_async::RunQueryDsl as _;
use secrecy::ExposeSecret as _;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

pub(crate) struct Shop {
    pub(crate) t: TestDb,
    pub(crate) ours: OrganizationId,
    pub(crate) ctx: Ctx,
    pub(crate) desk: Desk,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(|_| ()).await
    }

    /// With other settings than those of tests; hooks to this machine are allowed.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut t = TestDb::new().await;
        t.settings.webhooks.allowed_addresses = vec!["127.0.0.0/8".parse().unwrap()];
        change(&mut t.settings);
        let ours = t.organization("Acme").await;
        let ctx = Ctx::connect(&t.settings, t.clock.clone()).await.unwrap();
        let desk = Desk::new(&t.settings).unwrap();
        Self { t, ours, ctx, desk }
    }

    /// An endpoint for `events` (none: all), and its secret.
    pub(crate) async fn endpoint(&self, url: &str, events: &[&str]) -> (WebhookEndpointId, String) {
        let new = NewEndpoint {
            url: url.to_owned(),
            description: String::new(),
            events: events.iter().map(ToString::to_string).collect(),
        };
        let (id, secret) = self
            .t
            .commit(self.ours, async |tx| {
                webhooks::create(tx, &self.desk, new).await
            })
            .await;
        (id, secret.to_text().expose_secret().to_owned())
    }

    /// Something happens, `how_many` times, and is relayed.
    pub(crate) async fn happens(&self, how_many: i64) {
        let events = (1..=how_many).map(event).collect();
        self.t
            .commit(self.ours, async |tx| outbox::emit(tx, events).await)
            .await;
        self.relay().await;
    }

    pub(crate) async fn relay(&self) {
        Relay::new(self.t.system.clone(), false)
            .turn()
            .await
            .unwrap();
    }

    /// All deliveries, the oldest first.
    pub(crate) async fn deliveries(&self) -> Vec<Delivery> {
        let mut tx = self.t.begin(self.ours).await;
        let mut found = webhooks::deliveries(&mut tx, &Wanted::default(), None, 200)
            .await
            .unwrap()
            .rows;
        found.reverse();
        found
    }

    /// Deliveries of [`event`], which leaves out what tells of the endpoint itself.
    pub(crate) async fn told(&self) -> Vec<Delivery> {
        let mut found = self.deliveries().await;
        found.retain(|delivery| delivery.event_name == "product_created");
        found
    }

    pub(crate) async fn delivery(&self, id: WebhookDeliveryId) -> Delivery {
        let mut tx = self.t.begin(self.ours).await;
        webhooks::delivery(&mut tx, id).await.unwrap().unwrap()
    }

    pub(crate) async fn attempts(&self, delivery: &Delivery) -> Vec<Attempt> {
        let mut tx = self.t.begin(self.ours).await;
        webhooks::attempts(&mut tx, delivery).await.unwrap()
    }

    pub(crate) async fn state_of(&self, id: WebhookEndpointId) -> Endpoint {
        let mut tx = self.t.begin(self.ours).await;
        webhooks::endpoint(&mut tx, id).await.unwrap().unwrap()
    }

    /// One attempt, as a worker makes it.
    pub(crate) async fn attempt(&self, delivery: &Delivery) -> Result<(), JobError> {
        self.job(delivery).run(&self.ctx, &self.run(1, 25)).await
    }

    pub(crate) fn job(&self, delivery: &Delivery) -> Deliver {
        Deliver {
            organization: self.ours,
            endpoint: delivery.endpoint,
            delivery: delivery.id,
            day: delivery.created_at,
        }
    }

    pub(crate) fn run(&self, attempt: i32, max_attempts: i32) -> Run {
        Run {
            id: JobId::new(1),
            attempt,
            max_attempts,
            organization: Some(self.ours),
            correlation: "test".into(),
            traceparent: None,
            enqueued_at: self.t.clock.now(),
        }
    }

    pub(crate) async fn send_again(&self, job: SendAgain) {
        job.run(&self.ctx, &self.run(1, 25)).await.unwrap();
    }

    /// Kinds of letters that wait to be sent.
    pub(crate) async fn letters(&self) -> Vec<String> {
        self.lines("SELECT args -> 'letter' ->> 'kind' AS line FROM jobs WHERE kind = 'mail.send.v1' ORDER BY id")
            .await
    }

    /// Names of all that has happened.
    pub(crate) async fn names(&self) -> Vec<String> {
        self.lines("SELECT event_name AS line FROM domain_events ORDER BY id")
            .await
    }

    pub(crate) async fn lines(&self, sql: &str) -> Vec<String> {
        let found: Vec<Line> = diesel::sql_query(sql)
            .load(&mut self.t.owner_conn().await)
            .await
            .unwrap();
        found.into_iter().map(|found| found.line).collect()
    }

    /// As if no endpoint had ever failed.
    pub(crate) async fn enable_all(&self) {
        diesel::sql_query(
            "UPDATE webhook_endpoints SET state = 'enabled', disabled_reason = NULL, disabled_at = NULL, \
                    failing_since = NULL, last_failed_at = NULL",
        )
        .execute(&mut self.t.owner_conn().await)
        .await
        .unwrap();
    }

    pub(crate) fn now(&self) -> i64 {
        self.t.clock.now().timestamp()
    }
}
