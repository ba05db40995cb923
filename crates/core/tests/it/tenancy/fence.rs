//! Row level security alone, table by table, whatever tables there are.
use super::{array, fenced, granted};
use crate::sql::{change, lines, number};
use batchtrack_core::platform::tables::Fence;
use batchtrack_testkit::{Role, TestDb};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};

/// Fills every table behind the fence with a row of each organisation, whatever its columns: the
/// rules about values are dropped first, for this database is about rows and who sees them.
async fn fill(conn: &mut AsyncPgConnection, organizations: &[i64]) {
    let names = array(fenced(Fence::Tenant));
    conn.batch_execute(&format!(
        "DO $$ DECLARE k record; BEGIN \
            FOR k IN SELECT conrelid::regclass AS t, conname FROM pg_constraint \
                      WHERE conrelid IN (SELECT name::regclass FROM unnest({names}) AS name) AND contype IN ('c', 'f') \
            LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', k.t, k.conname); END LOOP; END $$"
    ))
    .await
    .unwrap();
    for table in fenced(Fence::Tenant).filter(|name| *name != "memberships") {
        for organization in organizations {
            let row = row(conn, table, *organization).await;
            change(conn, &row)
                .await
                .unwrap_or_else(|error| panic!("{row}: {error}"));
        }
    }
}

/// An `INSERT` of one row with something in every column that needs it.
async fn row(conn: &mut AsyncPgConnection, table: &str, organization: i64) -> String {
    let columns = lines(
        conn,
        &format!(
            "SELECT attname || ':' || CASE atttypid::regtype::text \
                WHEN 'bigint' THEN CASE attname WHEN 'organization_id' THEN '{organization}' ELSE '1' END \
                WHEN 'integer' THEN '1' WHEN 'smallint' THEN '1' WHEN 'numeric' THEN '1' WHEN 'text' THEN '''x''' \
                WHEN 'boolean' THEN 'true' WHEN 'bytea' THEN '''''' WHEN 'jsonb' THEN '''{{}}''' WHEN 'text[]' THEN '''{{}}''' \
                ELSE 'now()' END AS line \
               FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped \
                AND attnotnull AND NOT atthasdef AND attidentity = ''"
        ),
    )
    .await;
    let (names, values): (Vec<_>, Vec<_>) = columns
        .iter()
        .map(|column| column.split_once(':').unwrap())
        .unzip();
    format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        names.join(", "),
        values.join(", ")
    )
}

/// Runs one statement as whoever `conn` is, in `organization`, and takes it back.
async fn within(
    conn: &mut AsyncPgConnection,
    organization: i64,
    sql: &str,
) -> Result<usize, String> {
    conn.batch_execute(&format!(
        "BEGIN; SET LOCAL app.organization_id = '{organization}'"
    ))
    .await
    .unwrap();
    let done = change(conn, sql).await;
    conn.batch_execute("ROLLBACK").await.unwrap();
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_fence_holds_against_sql_that_forgets_the_tenant() {
    let t = TestDb::new().await;
    let (ours, theirs) = (
        t.organization("Acme").await.get(),
        t.organization("Rival").await.get(),
    );
    let mut admin = t.conn(Role::Admin).await;
    // Those that come with every organisation; one of each tenant is enough.
    change(&mut admin, "DELETE FROM roles").await.unwrap();
    fill(&mut admin, &[ours, theirs]).await;
    let mut app = t.app_conn().await;
    let readable = granted(&mut admin, "batchtrack_app", "SELECT").await;
    let writable = granted(&mut admin, "batchtrack_app", "INSERT").await;
    let updatable = granted(&mut admin, "batchtrack_app", "UPDATE").await;
    let deletable = granted(&mut admin, "batchtrack_app", "DELETE").await;
    let refused = |done: Result<usize, String>| {
        done.is_err_and(|error| {
            ["row-level security", "permission denied"]
                .iter()
                .any(|why| error.contains(why))
        })
    };

    for table in fenced(Fence::Tenant) {
        let everybodys = format!("SELECT count(*) AS n FROM {table}");
        assert_eq!(
            number(&mut admin, &everybodys).await,
            2,
            "{table} has a row of each"
        );
        if readable.contains(table) {
            assert_eq!(
                number(&mut app, &everybodys).await,
                0,
                "{table}: seen without a tenant"
            );
            let seen = format!("SELECT FROM {table}");
            assert_eq!(within(&mut app, ours, &seen).await, Ok(1), "{table}");
            let seen = format!("SELECT FROM {table} WHERE organization_id = {theirs}");
            assert_eq!(
                within(&mut app, ours, &seen).await,
                Ok(0),
                "{table}: theirs were seen"
            );
        }
        if writable.contains(table) {
            let row = row(&mut admin, table, theirs).await;
            assert!(
                refused(within(&mut app, ours, &row).await),
                "{table}: written for them"
            );
            assert!(
                refused(change(&mut app, &row).await),
                "{table}: written without a tenant"
            );
        }
        if updatable.contains(table) {
            let column = lines(
                &mut admin,
                &format!(
                    "SELECT attname::text AS line FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 \
                        AND attidentity = '' AND has_column_privilege('batchtrack_app', attrelid, attnum, 'UPDATE') LIMIT 1"
                ),
            )
            .await
            .concat();
            let theft =
                format!("UPDATE {table} SET {column} = {column} WHERE organization_id = {theirs}");
            assert_eq!(
                within(&mut app, ours, &theft).await,
                Ok(0),
                "{table}: theirs were changed"
            );
            let gift = format!("UPDATE {table} SET organization_id = {theirs}");
            assert!(
                refused(within(&mut app, ours, &gift).await),
                "{table}: given to them"
            );
        }
        if deletable.contains(table) {
            let deletion = format!("DELETE FROM {table}");
            assert_eq!(within(&mut app, theirs, &deletion).await, Ok(1), "{table}");
            assert_eq!(
                change(&mut app, &deletion).await,
                Ok(0),
                "{table}: deleted without a tenant"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_organisations_are_seen_by_their_own_only() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    let theirs = t.organization("Rival").await;
    let mut app = t.app_conn().await;
    for table in ["organizations", "users", "memberships"] {
        let seen = format!("SELECT count(*) AS n FROM {table}");
        assert_eq!(number(&mut app, &seen).await, 0, "{table}");
        let seen = format!("SELECT 1 FROM {table}");
        assert_eq!(within(&mut app, ours.get(), &seen).await, Ok(1), "{table}");
    }
    let neighbour = format!("SELECT id FROM users WHERE id = {}", t.owner_of(theirs));
    assert_eq!(within(&mut app, ours.get(), &neighbour).await, Ok(0));
    let colleague = format!("SELECT id FROM users WHERE id = {}", t.owner_of(ours));
    assert_eq!(within(&mut app, ours.get(), &colleague).await, Ok(1));
    let rename = "UPDATE organizations SET name = 'Mine now'";
    assert_eq!(
        within(&mut app, ours.get(), rename).await,
        Ok(1),
        "ours, and no other"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_append_only_even_for_its_owner() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await.get();
    fill(&mut t.conn(Role::Admin).await, &[ours]).await;
    let mut owner = t.owner_conn().await;
    for rewriting in [
        "UPDATE inventory_movements SET quantity = 2",
        "DELETE FROM inventory_movements",
    ] {
        assert!(change(&mut owner, rewriting).await.is_err(), "{rewriting}");
    }
    assert_eq!(
        number(&mut owner, "SELECT count(*) AS n FROM inventory_movements").await,
        1
    );
}
