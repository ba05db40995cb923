//! The migrated database that every test's own is cloned from, built once per set of migrations.
use crate::{Role, roles, servers};
use batchtrack_core::{catalog, platform::migrate};
use diesel::sql_types::{Bool, Text};
use diesel_async::{
    AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _,
};
use tokio::sync::OnceCell;

pub(crate) const TEST_PREFIX: &str = "bt_test_";
const TEMPLATE_PREFIX: &str = "bt_template_";

/// The template's name, which says what this program was built from (`build.rs`); built on first use.
pub(crate) async fn ensure() -> &'static str {
    static NAME: OnceCell<String> = OnceCell::const_new();
    NAME.get_or_init(build).await
}

async fn build() -> String {
    let name = name();
    let mut conn = servers::admin().await;
    // Several test programs may start at once; the lock ends with the connection.
    execute(&mut conn, "SELECT pg_advisory_lock(7301003)").await;
    if !can_sign_in().await {
        migrate::ensure_roles(
            &servers::admin_url(),
            &roles::passwords(),
            migrate::Existing::Reset,
        )
        .await
        .expect("TEST_DATABASE_URL is a superuser's address");
    }
    let found: bool =
        diesel::dsl::sql::<Bool>("SELECT EXISTS (SELECT FROM pg_database WHERE datname = ")
            .bind::<Text, _>(&name)
            .sql(")")
            .get_result(&mut conn)
            .await
            .expect("the catalogue can be read");
    if !found {
        sweep(&mut conn).await;
        // Renamed when it is whole, so that one half built is never cloned.
        let half = format!("{name}_half");
        execute(
            &mut conn,
            &format!("DROP DATABASE IF EXISTS {half} WITH (FORCE)"),
        )
        .await;
        migrate::ensure_database(&servers::admin_url(), &half)
            .await
            .expect("a database can be created");
        migrate::run(&servers::url(Role::Owner, &half))
            .await
            .expect("the migrations run");
        catalog::fill(&servers::url(Role::Owner, &half))
            .await
            .expect("the library is filled");
        // A connection of the migrations may take a moment to be gone.
        execute(
            &mut conn,
            &format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{half}'"),
        )
        .await;
        execute(
            &mut conn,
            &format!("ALTER DATABASE {half} RENAME TO {name}"),
        )
        .await;
    }
    name
}

/// Whether the three roles are there with the passwords of the tests.
async fn can_sign_in() -> bool {
    for role in [Role::Owner, Role::App, Role::System] {
        if AsyncPgConnection::establish(&servers::url(role, "postgres"))
            .await
            .is_err()
        {
            return false;
        }
    }
    true
}

/// Drops what tests that were killed, and older checkouts, left behind more than a day ago.
async fn sweep(conn: &mut AsyncPgConnection) {
    let stale: Vec<String> = diesel::dsl::sql::<Text>(
        "SELECT datname::text FROM pg_database WHERE datname ~ '^bt_(test|template)_[0-9a-f]{16,}(_half)?$' \
            AND (pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification < now() - interval '1 day'",
    )
    .get_results(conn)
    .await
    .expect("the catalogue can be read");
    for name in stale {
        // Another program may be at it; then it is theirs to drop.
        let _ = conn
            .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .await;
    }
}

async fn execute(conn: &mut AsyncPgConnection, sql: &str) {
    conn.batch_execute(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn name() -> String {
    format!("{TEMPLATE_PREFIX}{}", env!("TEMPLATE_SUM"))
}
