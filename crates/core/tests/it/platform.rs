use crate::sql::{change, lines, number};
use batchtrack_core::{
    kernel::{Fault as _, Kind},
    organizations,
    outbox::{self, Consumer},
    platform::{
        Db,
        db::RoleError,
        prepared::{Prepared, Statement},
        statements::counted,
    },
};
use batchtrack_testkit::{Role, TestDb, event};
use bb8_redis::redis::cmd;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl as _;
use secrecy::SecretString;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_of_work_opens_in_one_round_trip() {
    let t = TestDb::with_pool(1).await;
    let ours = t.organization("Acme").await;
    drop(t.begin(ours).await); // the connection is made
    let (mut tx, sent) = counted(t.begin(ours)).await;
    assert_eq!(sent, 0, "opening is not in the budget of statements");
    // What the server heard last is all that was said since the transaction began.
    let heard = lines(
        &mut t.conn(Role::Admin).await,
        "SELECT query AS line FROM pg_stat_activity WHERE datname = current_database() \
            AND usename = 'batchtrack_app' AND xact_start = query_start",
    )
    .await;
    assert_eq!(
        heard,
        [format!("BEGIN; SET LOCAL app.organization_id = '{ours}'")]
    );
    let (found, sent) = counted(organizations::membership(&mut tx)).await;
    assert!(found.unwrap().is_some());
    assert_eq!(sent, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_abandoned_leaves_nothing_and_gives_its_connection_back() {
    let t = TestDb::with_pool(1).await;
    let ours = t.organization("Acme").await;
    for n in 0..20 {
        let mut tx = t.begin(ours).await;
        outbox::emit(&mut tx, vec![event(n)]).await.unwrap();
        drop(tx);
    }
    let mut tx = t.begin(ours).await;
    assert!(organizations::membership(&mut tx).await.unwrap().is_some());
    drop(tx);
    let left = "SELECT count(*) AS n FROM domain_events";
    assert_eq!(number(&mut t.owner_conn().await, left).await, 0);
    assert_eq!(t.db.state().statistics.connections_created, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_is_dropped_in_the_middle_of_a_statement_does_not_wedge_the_pool() {
    let t = TestDb::with_pool(1).await;
    let ours = t.organization("Acme").await;
    // Holds the row that the unit of work below wants.
    let mut other = t.owner_conn().await;
    change(&mut other, "BEGIN").await.unwrap();
    change(
        &mut other,
        "LOCK TABLE domain_events IN ACCESS EXCLUSIVE MODE",
    )
    .await
    .unwrap();
    let events = vec![event(1)];
    let mut tx = t.begin(ours).await;
    let waited =
        tokio::time::timeout(Duration::from_millis(200), outbox::emit(&mut tx, events)).await;
    assert!(waited.is_err(), "it waits for the lock");
    drop(tx);
    change(&mut other, "ROLLBACK").await.unwrap();
    let mut tx = t.begin(ours).await;
    assert!(organizations::membership(&mut tx).await.unwrap().is_some());
    drop(tx);
    assert_eq!(
        number(&mut other, "SELECT count(*) AS n FROM domain_events").await,
        0
    );
}

struct Touch;
impl Statement for Touch {
    const SQL: &'static str = "UPDATE organizations SET contact_email = $1 WHERE false";
    type Row = ();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_statement_is_prepared_once() {
    let t = TestDb::new().await;
    let mut conn = t.app_conn().await;
    for _ in 0..3 {
        Prepared::<Touch>::new()
            .bind::<Text, _>("a@example.test".to_owned())
            .execute(&mut conn)
            .await
            .unwrap();
    }
    let kept = format!(
        "SELECT coalesce(sum(generic_plans + custom_plans), 0)::bigint AS n \
           FROM pg_prepared_statements WHERE statement = '{}'",
        Touch::SQL
    );
    assert_eq!(
        number(&mut conn, &kept).await,
        3,
        "one statement, run three times"
    );
    let as_text = "UPDATE organizations SET contact_email = NULL WHERE false";
    change(&mut conn, as_text).await.unwrap();
    let kept =
        format!("SELECT count(*) AS n FROM pg_prepared_statements WHERE statement = '{as_text}'");
    assert_eq!(number(&mut conn, &kept).await, 0, "as Diesel would have it");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_died_are_replaced_unnoticed() {
    let t = TestDb::with_pool(3).await;
    let ours = t.organization("Acme").await;
    let held = [
        t.begin(ours).await,
        t.begin(ours).await,
        t.begin(ours).await,
    ];
    drop(held);
    t.commit(ours, async |tx| outbox::emit(tx, vec![event(1)]).await)
        .await;
    outbox::lag(&t.system, Consumer::Dispatcher).await.unwrap();
    // Those of the three held, then those that took their place.
    for at_least in [4, 2] {
        let killed = "SELECT count(pg_terminate_backend(pid, 5000)) AS n FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let killed = number(&mut t.conn(Role::Admin).await, killed).await;
        assert!(killed >= at_least, "{killed}");
        for _ in 0..6 {
            let mut tx = t.begin(ours).await;
            assert!(organizations::membership(&mut tx).await.unwrap().is_some());
            tx.commit().await.unwrap();
        }
        let lag = outbox::lag(&t.system, Consumer::Dispatcher).await.unwrap();
        assert_eq!(lag.facts, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_database_is_said_to_be_so_in_time() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let mut settings = t.settings.database.clone();
    settings.url = SecretString::from("postgres://nobody@127.0.0.1:1/nowhere");
    settings.checkout_timeout_ms = 300;
    let nowhere = Db::connect(&settings, t.clock.clone()).await.unwrap();
    let start = Instant::now();
    let error = nowhere.begin(t.acting(ours)).await.err().unwrap();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_above_the_fence_may_not_serve() {
    let t = TestDb::new().await;
    t.db.check_role().await.unwrap();
    t.system.check_role().await.unwrap();
    for role in [Role::Admin, Role::Owner] {
        let refused = t.db_as(role).await.check_role().await;
        assert!(matches!(refused, Err(RoleError::AboveTheFence)), "{role:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_keys_carry_the_prefix_and_lost_connections_are_replaced() {
    let (t, other) = (TestDb::new().await, TestDb::new().await);
    let redis = t.redis().await;
    let (ours, theirs) = (
        redis.key("space", "1"),
        other.redis().await.key("space", "1"),
    );
    assert!(ours.starts_with(&t.settings.redis.prefix));
    assert_ne!(ours, theirs);
    redis
        .query::<()>(cmd("SET").arg(&ours).arg("x").arg("EX").arg(60))
        .await
        .unwrap();
    assert_eq!(
        redis
            .query::<Option<String>>(cmd("GET").arg(&theirs))
            .await
            .unwrap(),
        None
    );

    let id: i64 = redis.query(cmd("CLIENT").arg("ID")).await.unwrap();
    let killed: i64 = t
        .redis()
        .await
        .query(cmd("CLIENT").arg("KILL").arg("ID").arg(id))
        .await
        .unwrap();
    assert_eq!(killed, 1);
    assert_eq!(
        redis.query::<String>(cmd("GET").arg(&ours)).await.unwrap(),
        "x"
    );
    redis.ping().await.unwrap();
}
