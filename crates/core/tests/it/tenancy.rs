//! The catalogue against the list, and the first fence alone: SQL without any filter, as the app
//! role. The second fence, each query's own filter, is tested with each feature on
//! `TestDb::unfenced_db`, where this one is open.
mod catalogue;
mod fence;

use crate::sql::lines;
use batchtrack_core::platform::tables::{Fence, TABLES};
use diesel_async::AsyncPgConnection;
use std::collections::BTreeSet;

fn fenced(fence: Fence) -> impl Iterator<Item = &'static str> {
    TABLES
        .iter()
        .filter(move |(_, its)| *its == fence)
        .map(|(name, _)| *name)
}

/// The names as an SQL array.
fn array(names: impl Iterator<Item = &'static str>) -> String {
    format!(
        "ARRAY[{}]::text[]",
        names
            .map(|name| format!("'{name}'"))
            .collect::<Vec<_>>()
            .join(",")
    )
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
