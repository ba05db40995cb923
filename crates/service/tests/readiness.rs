//! What a service says of itself, and when it changes its mind.
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't set up should stop loudly"
)]
use batchtrack_core::platform::{Lifecycle, Redis, SystemDb};
use batchtrack_service::{Context, OpsState, refuse_above_the_fence, serve_ops_on};
use batchtrack_testkit::{Role, TestDb};
use diesel_async::SimpleAsyncConnection as _;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};
use tokio::task::JoinHandle;

struct Running {
    address: SocketAddr,
    life: Lifecycle,
    server: JoinHandle<anyhow::Result<()>>,
}

async fn start(t: &TestDb) -> Running {
    let context = Context {
        settings: t.settings.clone(),
        life: Lifecycle::default(),
        registry: prometheus::Registry::new(),
        clock: t.clock.clone(),
    };
    let system = SystemDb::connect(&context.settings.database, context.clock.clone())
        .await
        .unwrap();
    let redis = Redis::connect(&context.settings.redis).await.unwrap();
    let state = OpsState::new(&context, &system, None, vec![("redis", redis)]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, life) = (listener.local_addr().unwrap(), context.life.clone());
    #[expect(
        clippy::disallowed_methods,
        reason = "a test waits for its tasks itself"
    )]
    let server = tokio::spawn(async move { serve_ops_on(listener, &context, state).await });
    Running {
        address,
        life,
        server,
    }
}

impl Running {
    async fn get(&self, path: &str) -> (u16, String) {
        let answer = reqwest::get(format!("http://{}{path}", self.address))
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn ready(&self) -> (u16, Value) {
        let (status, body) = self.get("/readyz").await;
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn end(self) {
        self.life.stop();
        tokio::time::timeout(Duration::from_secs(5), self.server)
            .await
            .expect("it stops when it is told to")
            .unwrap()
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_ready_once_all_it_needs_has_answered_and_then_stays_so() {
    let t = TestDb::new().await;
    let service = start(&t).await;
    assert_eq!(
        service.get("/healthz").await,
        (200, r#"{"status":"ok"}"#.to_owned())
    );
    let all_well =
        json!({ "status": "ready", "dependencies": { "database": "ok", "redis": "ok" } });
    assert_eq!(service.ready().await, (200, all_well));

    drop(t); // the database is gone
    tokio::time::sleep(Duration::from_millis(1100)).await; // an answer is good for a second
    let without = json!({ "status": "degraded", "dependencies": { "database": "unreachable", "redis": "ok" } });
    assert_eq!(service.ready().await, (200, without));
    assert_eq!(service.get("/healthz").await.0, 200);
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_database_lacks_a_migration_is_not_ready_until_it_has_it() {
    let t = TestDb::new().await;
    let mut owner = t.owner_conn().await;
    owner
        .batch_execute(
            "CREATE TABLE taken AS SELECT * FROM __diesel_schema_migrations ORDER BY version DESC LIMIT 1; \
             DELETE FROM __diesel_schema_migrations m USING taken WHERE m.version = taken.version",
        )
        .await
        .unwrap();
    let service = start(&t).await;
    let lacking = json!({ "status": "starting", "dependencies": { "database": "not_migrated", "redis": "ok" } });
    assert_eq!(service.ready().await, (503, lacking));
    owner
        .batch_execute("INSERT INTO __diesel_schema_migrations SELECT * FROM taken")
        .await
        .unwrap();
    assert_eq!(service.ready().await.0, 200);
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_never_reached_its_redis_is_not_ready() {
    let mut t = TestDb::new().await;
    t.settings.redis.url = SecretString::from("redis://127.0.0.1:1/0");
    let service = start(&t).await;
    let without = json!({ "status": "starting", "dependencies": { "database": "ok", "redis": "unreachable" } });
    assert_eq!(service.ready().await, (503, without));
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_above_the_fence_is_refused_and_an_absent_database_waited_for() {
    let t = TestDb::new().await;
    let life = Lifecycle::default();
    assert!(
        refuse_above_the_fence(&life, || t.system.check_role())
            .await
            .unwrap()
    );
    let owner = t.db_as(Role::Owner).await;
    refuse_above_the_fence(&life, || owner.check_role())
        .await
        .unwrap_err();

    let mut settings = t.settings.database.clone();
    settings.system_url = Some(SecretString::from("postgres://nobody@127.0.0.1:1/nowhere"));
    settings.checkout_timeout_ms = 100;
    let nowhere = SystemDb::connect(&settings, t.clock.clone()).await.unwrap();
    let waiting = refuse_above_the_fence(&life, || nowhere.check_role());
    let stop = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        life.stop();
    };
    assert!(
        !tokio::join!(waiting, stop).0.unwrap(),
        "told to stop before there was a database"
    );
}
