use crate::sql;
use batchtrack_core::platform::migrate;
use batchtrack_testkit::TestDb;
use diesel_async::AsyncPgConnection;
use std::{fs, path::Path};

#[derive(diesel::QueryableByName)]
struct Written {
    #[diesel(sql_type = diesel::sql_types::Text)]
    source: String,
}

async fn written(conn: &mut AsyncPgConnection) -> String {
    use diesel_async::RunQueryDsl as _;
    let found: Written = diesel::sql_query(include_str!("../../src/schema.sql"))
        .get_result(conn)
        .await
        .unwrap();
    found.source
}

#[tokio::test(flavor = "multi_thread")]
async fn schema_rs_is_what_the_migrations_make() {
    let t = TestDb::new().await;
    let wanted = written(&mut t.owner_conn().await).await;
    if wanted.trim() != include_str!("../../src/schema.rs").trim() {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema.rs");
        fs::write(&target, wanted.trim().to_owned() + "\n").unwrap();
        panic!(
            "crates/core/src/schema.rs is out of date: copy {}",
            target.display()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_migration_can_be_taken_back_and_run_again() {
    let t = TestDb::new().await;
    let tables = "SELECT format('%s %s %s %s %s', c.relname, a.attname, a.atttypid, a.attnotnull, \
                                c.relforcerowsecurity) AS line \
                    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
                   WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped \
                   ORDER BY 1";
    let before = sql::lines(&mut t.owner_conn().await, tables).await;
    assert!(before.len() > 100);
    migrate::redo_all(&t.owner_url()).await.unwrap();
    assert_eq!(sql::lines(&mut t.owner_conn().await, tables).await, before);
    assert!(t.system.is_ready().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_lacks_a_migration_is_not_ready() {
    let t = TestDb::new().await;
    assert!(t.system.is_ready().await.unwrap());
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231')";
    sql::change(&mut t.owner_conn().await, newer).await.unwrap();
    assert!(
        t.system.is_ready().await.unwrap(),
        "old code serves while new code migrates"
    );
    let lacking = "DELETE FROM __diesel_schema_migrations WHERE version = \
                   (SELECT max(version) FROM __diesel_schema_migrations WHERE version < '2999')";
    assert_eq!(sql::change(&mut t.owner_conn().await, lacking).await, Ok(1));
    assert!(!t.system.is_ready().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn migrating_twice_does_nothing_the_second_time() {
    let t = TestDb::new().await;
    assert_eq!(
        migrate::run(&t.owner_url()).await.unwrap(),
        Vec::<String>::new()
    );
}
