//! Events, from the log to those who hear of them.
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't set up should stop loudly"
)]
use batchtrack_core::{
    kernel::ids::OrganizationId,
    outbox::{self, Consumer, Event, NewEvent},
    platform::{Db, Lifecycle, Redis, statements::counted, wake::Bell},
};
use batchtrack_dispatcher::relay::{Relay, Turn};
use batchtrack_testkit::{TestDb, event};
use diesel_async::RunQueryDsl as _;
use std::time::{Duration, Instant};

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

async fn number(t: &TestDb, sql: &str) -> i64 {
    let found: Number = diesel::sql_query(sql)
        .get_result(&mut t.owner_conn().await)
        .await
        .unwrap();
    found.n
}

async fn run(t: &TestDb, sql: &str) {
    diesel::sql_query(sql)
        .execute(&mut t.owner_conn().await)
        .await
        .unwrap();
}

async fn emit(t: &TestDb, db: &Db, ours: OrganizationId, events: Vec<NewEvent>) {
    let mut tx = db.begin(t.acting(ours)).await.unwrap();
    outbox::emit(&mut tx, events).await.unwrap();
    tx.commit().await.unwrap();
}

async fn lag(t: &TestDb) -> u64 {
    let lag = outbox::lag(&t.system, Consumer::Dispatcher).await;
    lag.unwrap().facts
}

/// Does `work` while the relay runs; the bell of web is heard by that of the dispatcher through Redis.
async fn beside(
    relay: &Relay,
    life: &Lifecycle,
    redis: &Redis,
    (web, dispatcher): (&Bell, &Bell),
    work: impl Future<Output = ()>,
) {
    let all = async {
        tokio::join!(
            relay.run(life, dispatcher),
            dispatcher.hear(life, redis),
            web.publish(life, redis),
            work
        )
    };
    tokio::time::timeout(Duration::from_secs(20), Box::pin(all))
        .await
        .expect("it finds them and stops");
}

/// One that listens to all, one to something else, one that is switched off, one that is gone.
async fn endpoints(t: &TestDb, ours: OrganizationId) {
    for (events, state, deleted) in [
        ("'{}'", "enabled", "NULL"),
        ("'{sku_sold}'", "enabled", "NULL"),
        ("'{}'", "disabled", "NULL"),
        ("'{}'", "enabled", "now()"),
    ] {
        let disabled = if state == "disabled" {
            "'by_owner', now()"
        } else {
            "NULL, NULL"
        };
        run(
            t,
            &format!(
                "INSERT INTO webhook_endpoints (organization_id, url, events, state, disabled_reason, disabled_at, \
                                                created_at, deleted_at) \
                 VALUES ({ours}, 'https://example.test/', {events}, '{state}', {disabled}, now(), {deleted})"
            ),
        )
        .await;
    }
}

const DELIVERIES: &str = "SELECT count(*) AS n FROM webhook_deliveries";
const JOBS: &str = "SELECT count(*) AS n FROM jobs WHERE kind = 'webhooks.deliver.v1'";

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_deals_with_a_chunk_and_the_next_with_the_rest() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    endpoints(&t, ours).await;
    let theirs = t.organization("Other").await;
    endpoints(&t, theirs).await;
    let relay = Relay::new(t.system.clone(), false);
    emit(&t, &t.db, ours, (1..=1_200).map(event).collect()).await;
    let (turn, much) = counted(relay.turn()).await;
    assert_eq!(turn.unwrap(), Turn::More(1_000));
    assert_eq!(relay.turn().await.unwrap(), Turn::More(200), "look again");
    assert_eq!(relay.turn().await.unwrap(), Turn::All(0));
    assert_eq!(
        number(&t, DELIVERIES).await,
        1_200,
        "one endpoint wants them"
    );
    assert_eq!(number(&t, JOBS).await, 1_200);
    emit(&t, &t.db, theirs, vec![event(1)]).await;
    let (turn, little) = counted(relay.turn()).await;
    assert_eq!(turn.unwrap(), Turn::All(1));
    assert_eq!(little, much, "a thousand cost as many statements as one");
    assert_eq!(number(&t, DELIVERIES).await, 1_201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_hears_of_everything() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let relay = Relay::new(t.system.clone(), true);
    emit(&t, &t.db, ours, (1..=3).map(event).collect()).await;
    assert_eq!(relay.turn().await.unwrap(), Turn::All(3));
    let jobs = "SELECT count(*) AS n FROM jobs WHERE kind = 'webhooks.operator.v1'";
    assert_eq!(number(&t, jobs).await, 3);
    let caused = "SELECT count(*) AS n FROM jobs WHERE correlation_id = 'test'";
    assert_eq!(number(&t, caused).await, 3, "the request that caused it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_costs_the_same_however_many_hear_of_however_much() {
    let t = TestDb::new().await;
    let relay = Relay::new(t.system.clone(), true);
    let sold = |n| {
        let properties = serde_json::json!({
            "action_id": 1, "quantity": "1", "unit": "count", "price": null, "cost": null,
            "product_id": 1, "sku_code": "SOAP",
        });
        NewEvent::new(Event::SkuSold, n, properties)
    };
    let mut costs = Vec::new();
    for makers in [1, 25] {
        let mut facts = 0;
        for maker in 0..makers {
            let ours = t.organization(&format!("Maker {maker} of {makers}")).await;
            endpoints(&t, ours).await;
            facts += makers;
            emit(&t, &t.db, ours, (0..makers).map(sold).collect()).await;
        }
        let (turn, cost) = counted(relay.turn()).await;
        assert_eq!(turn.unwrap(), Turn::All(usize::try_from(facts).unwrap()));
        costs.push(cost);
    }
    // What was read, who listens, deliveries and their jobs, the operator's jobs and the owners'
    // letters, which wait once each, and how far it has come.
    assert_eq!(costs, [9, 9]);
    assert_eq!(number(&t, DELIVERIES).await, 2 * (1 + 625));
    let letters = "SELECT count(*) AS n FROM jobs_delayed";
    assert_eq!(number(&t, letters).await, 26);
}

/// Four relays race for what is written beside them; two of them are killed again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_relays_plan_nothing_twice_and_forget_nothing() {
    let t = TestDb::with_pool(6).await;
    let ours = t.organization("Acme").await;
    endpoints(&t, ours).await;
    let writing = async {
        for n in 0..60 {
            let events = (0..5).map(|k| event(n * 5 + k)).collect();
            emit(&t, &t.db, ours, events).await;
        }
    };
    let life = Lifecycle::default();
    let relays: Vec<_> = (0..4)
        .map(|_| Relay::new(t.system.clone(), false))
        .collect();
    let [first, second, third, fourth] = relays.as_slice() else {
        unreachable!("four were made")
    };
    let steady = async |relay: &Relay| {
        while !life.is_stopping() {
            relay.turn().await.unwrap();
        }
    };
    let mortal = async |relay: &Relay| {
        while !life.is_stopping() {
            let _ = tokio::time::timeout(Duration::from_millis(3), relay.turn()).await;
        }
    };
    let until_done = async {
        writing.await;
        while lag(&t).await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        life.stop();
    };
    tokio::join!(
        steady(first),
        steady(second),
        mortal(third),
        mortal(fourth),
        until_done
    );
    assert_eq!(number(&t, DELIVERIES).await, 300);
    assert_eq!(number(&t, JOBS).await, 300);
    let once = "SELECT count(DISTINCT event_id) AS n FROM webhook_deliveries";
    assert_eq!(number(&t, once).await, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_relayed_as_soon_as_it_is_committed() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let (web, dispatcher) = (Bell::default(), Bell::default());
    let redis = t.redis().await;
    let db = Db::connect(&t.settings.database, t.clock.clone()).await;
    let db = db.unwrap().with_bell(&web);
    let relay = Relay::new(t.system.clone(), false);
    let life = Lifecycle::default();
    let mut waits = Vec::new();
    let watch = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        for n in 0..10 {
            let begun = Instant::now();
            emit(&t, &db, ours, vec![event(n)]).await;
            while lag(&t).await > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            waits.push(begun.elapsed());
        }
        life.stop();
    };
    beside(&relay, &life, &redis, (&web, &dispatcher), watch).await;
    waits.sort_unstable();
    let median = waits[waits.len() / 2];
    // Not a measurement: a relay that only looks by itself would take half a second on average.
    assert!(median < Duration::from_millis(250), "{waits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_the_relay_looks_by_itself() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut nowhere = t.settings.redis.clone();
    nowhere.url = "redis://127.0.0.1:1/0".to_owned().into();
    nowhere.timeout_ms = 200;
    let redis = Redis::connect(&nowhere).await.unwrap();
    let (web, dispatcher) = (Bell::default(), Bell::default());
    let db = Db::connect(&t.settings.database, t.clock.clone()).await;
    let db = db.unwrap().with_bell(&web);
    let relay = Relay::new(t.system.clone(), false);
    let life = Lifecycle::default();
    let watch = async {
        for n in 0..3 {
            emit(&t, &db, ours, vec![event(n)]).await;
            while lag(&t).await > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        life.stop();
    };
    beside(&relay, &life, &redis, (&web, &dispatcher), watch).await;
}
