//! What the database says of itself, against what is declared.
use super::{array, fenced, granted};
use crate::sql::{change, lines};
use batchtrack_core::platform::tables::{Fence, TABLES};
use batchtrack_testkit::{Role, TestDb};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use std::collections::BTreeSet;

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
    assert_eq!(
        there, declared,
        "platform::tables::TABLES, in order of names"
    );
    assert_eq!(complaints(&mut conn).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hole_in_the_fence_is_noticed() {
    let t = TestDb::new().await;
    let mut admin = t.conn(Role::Admin).await;
    for (hole, noticed) in [
        (
            "ALTER TABLE imports NO FORCE ROW LEVEL SECURITY",
            "not forced: imports",
        ),
        (
            "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
            "not forced: users",
        ),
        (
            "ALTER TABLE usage_counters DROP CONSTRAINT usage_counters_pkey; \
             ALTER TABLE usage_counters ALTER organization_id DROP NOT NULL",
            "may be null: usage_counters",
        ),
        (
            "ALTER TABLE usage_counters DROP CONSTRAINT usage_counters_pkey",
            "no primary key: usage_counters",
        ),
        (
            "CREATE UNIQUE INDEX hole ON imports (id)",
            "does not start with organization_id: hole",
        ),
        (
            "CREATE UNIQUE INDEX hole ON imports (id); \
             ALTER TABLE recipes ADD CONSTRAINT astray FOREIGN KEY (import_id) REFERENCES imports (id)",
            "can be written: recipes.astray",
        ),
        (
            "CREATE POLICY hole ON imports USING (true)",
            "wider than its organisation: imports.hole",
        ),
        (
            "CREATE FUNCTION hole() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'",
            "whoever calls it: hole()",
        ),
        (
            "ALTER TABLE imports OWNER TO batchtrack_app",
            "more than it seems: batchtrack_app imports",
        ),
    ] {
        admin
            .batch_execute(&format!("BEGIN; {hole}"))
            .await
            .unwrap();
        let complaints = complaints(&mut admin).await;
        admin.batch_execute("ROLLBACK").await.unwrap();
        assert!(
            complaints.iter().any(|words| words.contains(noticed)),
            "{hole}: {complaints:?}"
        );
    }
    assert_eq!(complaints(&mut admin).await, Vec::<String>::new());
}

/// Whatever would let one tenant reach another, each with where it is.
async fn complaints(conn: &mut AsyncPgConnection) -> Vec<String> {
    let tenants = array(fenced(Fence::Tenant));
    let behind = array(
        TABLES
            .iter()
            .filter(|(_, f)| *f != Fence::Platform)
            .map(|(name, _)| *name),
    );
    let mut complaints = vec![];
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
        let wrong = lines(conn, &sql).await;
        if !wrong.is_empty() {
            complaints.push(format!("{complaint}: {}", wrong.join(", ")));
        }
    }
    complaints
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_may_do_what_they_must_and_no_more() {
    let t = TestDb::new().await;
    let mut conn = t.owner_conn().await;
    let app = "batchtrack_app";
    let platform: BTreeSet<_> = fenced(Fence::Platform).map(ToOwned::to_owned).collect();
    for privilege in [
        "INSERT",
        "UPDATE",
        "DELETE",
        "TRUNCATE",
        "REFERENCES",
        "TRIGGER",
    ] {
        let tables = granted(&mut conn, app, privilege).await;
        assert!(
            tables.is_disjoint(&platform),
            "{privilege} on what is everybody's: {tables:?}"
        );
        for append_only in ["inventory_movements", "domain_events"] {
            assert!(
                privilege == "INSERT" || !tables.contains(append_only),
                "{privilege} on {append_only}"
            );
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
        "account_codes",
        "account_limits",
        "account_links",
        "account_passkeys",
        "account_recovery_codes",
        "account_totp",
        "addons",
        "audit_entries",
        "daily_tables",
        "device_sign_ins",
        "domain_events",
        "feature_flags",
        "global_items",
        "idempotency_keys",
        "ingredient_categories",
        "invitation_roles",
        "invitations",
        "job_minutes",
        "job_recurrences",
        "job_workers",
        "jobs",
        "jobs_dead",
        "jobs_delayed",
        "mail_letters",
        "mail_preferences",
        "mail_suppressions",
        "member_roles",
        "memberships",
        "operator_audit",
        "operator_hook_failures",
        "operator_stays",
        "organization_addons",
        "organization_flags",
        "organizations",
        "outbox_positions",
        "product_categories",
        "roles",
        "tier_addons",
        "tiers",
        "usage_counters",
        "users",
        "webhook_attempts",
        "webhook_deliveries",
        "webhook_endpoints",
        "webhook_replays",
        "webhook_secrets",
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
        assert!(
            refused.contains("permission denied"),
            "{forbidden}: {refused}"
        );
    }
}
