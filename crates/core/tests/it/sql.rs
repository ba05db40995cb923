//! SQL as a test writes it: past the queries of core.
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The one number that `sql`, which calls it `n`, finds.
pub(crate) async fn number(conn: &mut AsyncPgConnection, sql: &str) -> i64 {
    let found: Number = diesel::sql_query(sql).get_result(conn).await.unwrap();
    found.n
}

/// The texts that `sql` calls `line`.
pub(crate) async fn lines(conn: &mut AsyncPgConnection, sql: &str) -> Vec<String> {
    let found: Vec<Line> = diesel::sql_query(sql).get_results(conn).await.unwrap();
    found.into_iter().map(|found| found.line).collect()
}

/// How many rows `sql` changed, or what the database said against it.
pub(crate) async fn change(conn: &mut AsyncPgConnection, sql: &str) -> Result<usize, String> {
    diesel::sql_query(sql)
        .execute(conn)
        .await
        .map_err(|error| error.to_string())
}
