//! The catalogue against the list, and the first fence alone: SQL without any filter, as the app
//! role. The second fence, each query's own filter, is tested with each feature on
//! `TestDb::unfenced_db`, where this one is open.
use crate::sql::{change, lines, number};
use batchtrack_core::platform::tables::{Fence, TABLES};
use batchtrack_testkit::{Role, TestDb};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use std::collections::BTreeSet;

fn fenced(fence: Fence) -> impl Iterator<Item = &'static str> {
    TABLES.iter().filter(move |(_, its)| *its == fence).map(|(name, _)| *name)
}

/// The names as an SQL array.
fn array(names: impl Iterator<Item = &'static str>) -> String {
    format!("ARRAY[{}]::text[]", names.map(|name| format!("'{name}'")).collect::<Vec<_>>().join(","))
}

/// Tables on which `role` has `privilege`, on one column at least.
async fn granted(conn: &mut AsyncPgConnection, role: &str, privilege: &str) -> BTreeSet<String> {
    let check = match privilege {
        "DELETE" | "TRUNCATE" | "TRIGGER" => "has_table_privilege",
        _ => "has_any_column_privilege",
    };
    let found = lines(
        conn,
        &format!(
            "SELECT relname::text AS line FROM pg_class \
              WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') \
                AND {check}('{role}', oid, '{privilege}')"
        ),
    )
    .await;
    found.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_declared_and_what_is_declared_is_true() {
    let t = TestDb::new().await;
    let mut conn = t.owner_conn().await;
    let there = lines(
        &mut conn,
        "SELECT relname::text AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace \
            AND relkind IN ('r', 'p', 'm', 'f') AND relname <> '__diesel_schema_migrations' ORDER BY 1",
    )
    .await;
    let declared: Vec<_> = TABLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(there, declared, "platform::tables::TABLES, in order of names");

    let tenants = array(fenced(Fence::Tenant));
    let behind = array(TABLES.iter().filter(|(_, f)| *f != Fence::Platform).map(|(name, _)| *name));
    for (complaint, sql) in [
        (
            "row level security is not forced",
            format!(
                "SELECT relname::text AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace \
                    AND relname = ANY({behind}) AND NOT (relrowsecurity AND relforcerowsecurity)"
            ),
        ),
        (
            "organization_id is missing or may be null",
            format!(
                "SELECT name AS line FROM unnest({tenants}) AS name WHERE NOT EXISTS (SELECT FROM pg_attribute \
                  WHERE attrelid = name::regclass AND attname = 'organization_id' AND attnotnull AND atttypid = 'bigint'::regtype)"
            ),
        ),
        (
            "a unique key does not start with organization_id",
            format!(
                "SELECT i.indexrelid::regclass::text AS line FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
                   LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] \
                  WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY({tenants}) \
                    AND i.indisunique AND a.attname IS DISTINCT FROM 'organization_id'"
            ),
        ),
        (
            "no primary key",
            format!(
                "SELECT name AS line FROM unnest({tenants}) AS name WHERE NOT EXISTS (SELECT FROM pg_index \
                  WHERE indrelid = name::regclass AND indisprimary)"
            ),
        ),
        (
            "a reference to another tenant's row can be written",
            format!(
                "SELECT k.conrelid::regclass || '.' || k.conname AS line FROM pg_constraint k \
                   JOIN pg_class target ON target.oid = k.confrelid \
                   JOIN pg_attribute here ON here.attrelid = k.conrelid AND here.attnum = k.conkey[1] \
                   JOIN pg_attribute there ON there.attrelid = k.confrelid AND there.attnum = k.confkey[1] \
                  WHERE k.contype = 'f' AND (target.relname = ANY({tenants}) OR target.relname = 'organizations') \
                    AND (here.attname <> 'organization_id' \
                         OR there.attname <> CASE target.relname WHEN 'organizations' THEN 'id' ELSE 'organization_id' END)"
            ),
        ),
        (
            "a policy of the app role is wider than its organisation",
            format!(
                "SELECT tablename || '.' || policyname AS line FROM pg_policies WHERE tablename = ANY({tenants}) \
                    AND NOT roles = '{{batchtrack_system}}' \
                    AND (qual IS DISTINCT FROM '(organization_id = app_organization())' \
                         OR with_check IS DISTINCT FROM '(organization_id = app_organization())' \
                         OR roles <> '{{batchtrack_app}}')"
            ),
        ),
        (
            "a function that runs as its owner takes names from whoever calls it",
            "SELECT oid::regprocedure::text AS line FROM pg_proc WHERE pronamespace = 'public'::regnamespace \
                AND prosecdef AND NOT coalesce(proconfig, '{}')::text LIKE '%search_path=%'".to_owned(),
        ),
        (
            "a service's role owns something or is more than it seems",
            "SELECT rolname || ' ' || coalesce(relname, '') AS line FROM pg_roles r \
               LEFT JOIN pg_class c ON c.relowner = r.oid \
              WHERE rolname IN ('batchtrack_app', 'batchtrack_system') \
                AND (c.oid IS NOT NULL OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication \
                     OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid))".to_owned(),
        ),
    ] {
        let wrong = lines(&mut conn, &sql).await;
        assert!(wrong.is_empty(), "{complaint}: {wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_may_do_what_they_must_and_no_more() {
    let t = TestDb::new().await;
    let mut conn = t.owner_conn().await;
    let app = "batchtrack_app";
    let platform: BTreeSet<_> = fenced(Fence::Platform).map(ToOwned::to_owned).collect();
    for privilege in ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"] {
        let tables = granted(&mut conn, app, privilege).await;
        assert!(tables.is_disjoint(&platform), "{privilege} on what is everybody's: {tables:?}");
        for append_only in ["inventory_movements", "domain_events"] {
            assert!(privilege == "INSERT" || !tables.contains(append_only), "{privilege} on {append_only}");
        }
        if ["TRUNCATE", "REFERENCES", "TRIGGER"].contains(&privilege) {
            assert!(tables.is_empty(), "{privilege}: {tables:?}");
        }
    }
    let mut system = BTreeSet::new();
    for privilege in ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"] {
        system.extend(granted(&mut conn, "batchtrack_system", privilege).await);
    }
    let expected = [
        "__diesel_schema_migrations",
        "domain_events",
        "global_items",
        "idempotency_keys",
        "ingredient_categories",
        "memberships",
        "organizations",
        "outbox_queue",
        "product_categories",
        "users",
    ];
    assert_eq!(system.into_iter().collect::<Vec<_>>(), expected);

    let mut as_app = t.app_conn().await;
    for forbidden in [
        "SELECT password_hash FROM users",
        "UPDATE inventory_movements SET quantity = 1",
        "DELETE FROM inventory_movements",
        "TRUNCATE inventory_movements",
        "DELETE FROM organizations",
        "UPDATE organizations SET costing_method = 'fefo'",
        "CREATE TABLE mine (id bigint)",
        "SELECT fence_tenant_table('users')",
    ] {
        let refused = change(&mut as_app, forbidden).await.expect_err(forbidden);
        assert!(refused.contains("permission denied"), "{forbidden}: {refused}");
    }
}

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
            change(conn, &row).await.unwrap_or_else(|error| panic!("{row}: {error}"));
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
                WHEN 'integer' THEN '1' WHEN 'smallint' THEN '1' WHEN 'text' THEN '''x''' \
                WHEN 'boolean' THEN 'true' WHEN 'bytea' THEN '''''' WHEN 'jsonb' THEN '''{{}}''' \
                ELSE 'now()' END AS line \
               FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped \
                AND attnotnull AND NOT atthasdef AND attidentity = ''"
        ),
    )
    .await;
    let (names, values): (Vec<_>, Vec<_>) = columns.iter().map(|column| column.split_once(':').unwrap()).unzip();
    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
}

/// Runs one statement as whoever `conn` is, in `organization`, and takes it back.
async fn within(conn: &mut AsyncPgConnection, organization: i64, sql: &str) -> Result<usize, String> {
    conn.batch_execute(&format!("BEGIN; SET LOCAL app.organization_id = '{organization}'"))
        .await
        .unwrap();
    let done = change(conn, sql).await;
    conn.batch_execute("ROLLBACK").await.unwrap();
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_fence_holds_against_sql_that_forgets_the_tenant() {
    let t = TestDb::new().await;
    let (ours, theirs) = (t.organization("Acme").await.get(), t.organization("Rival").await.get());
    let mut admin = t.conn(Role::Admin).await;
    fill(&mut admin, &[ours, theirs]).await;
    let mut app = t.app_conn().await;
    let readable = granted(&mut admin, "batchtrack_app", "SELECT").await;
    let writable = granted(&mut admin, "batchtrack_app", "INSERT").await;
    let updatable = granted(&mut admin, "batchtrack_app", "UPDATE").await;
    let deletable = granted(&mut admin, "batchtrack_app", "DELETE").await;
    let refused = |done: Result<usize, String>| {
        done.is_err_and(|error| ["row-level security", "permission denied"].iter().any(|why| error.contains(why)))
    };

    for table in fenced(Fence::Tenant) {
        let everybodys = format!("SELECT count(*) AS n FROM {table}");
        assert_eq!(number(&mut admin, &everybodys).await, 2, "{table} has a row of each");
        if readable.contains(table) {
            assert_eq!(number(&mut app, &everybodys).await, 0, "{table}: seen without a tenant");
            let seen = format!("SELECT FROM {table}");
            assert_eq!(within(&mut app, ours, &seen).await, Ok(1), "{table}");
            let seen = format!("SELECT FROM {table} WHERE organization_id = {theirs}");
            assert_eq!(within(&mut app, ours, &seen).await, Ok(0), "{table}: theirs were seen");
        }
        if writable.contains(table) {
            let row = row(&mut admin, table, theirs).await;
            assert!(refused(within(&mut app, ours, &row).await), "{table}: written for them");
            assert!(refused(change(&mut app, &row).await), "{table}: written without a tenant");
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
            let theft = format!("UPDATE {table} SET {column} = {column} WHERE organization_id = {theirs}");
            assert_eq!(within(&mut app, ours, &theft).await, Ok(0), "{table}: theirs were changed");
            let gift = format!("UPDATE {table} SET organization_id = {theirs}");
            assert!(refused(within(&mut app, ours, &gift).await), "{table}: given to them");
        }
        if deletable.contains(table) {
            let deletion = format!("DELETE FROM {table}");
            assert_eq!(within(&mut app, theirs, &deletion).await, Ok(1), "{table}");
            assert_eq!(change(&mut app, &deletion).await, Ok(0), "{table}: deleted without a tenant");
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
    assert_eq!(within(&mut app, ours.get(), rename).await, Ok(1), "ours, and no other");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_append_only_even_for_its_owner() {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await.get();
    fill(&mut t.conn(Role::Admin).await, &[ours]).await;
    let mut owner = t.owner_conn().await;
    for rewriting in ["UPDATE inventory_movements SET quantity = 2", "DELETE FROM inventory_movements"] {
        assert!(change(&mut owner, rewriting).await.is_err(), "{rewriting}");
    }
    assert_eq!(number(&mut owner, "SELECT count(*) AS n FROM inventory_movements").await, 1);
}
