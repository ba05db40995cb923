//! Tables that are kept by day: tomorrow's days are made, and old ones dropped whole.
use super::{SystemDb, prepared::statements};
use crate::kernel::StoreError;
use diesel::sql_types::{Integer, Text};
use diesel_async::RunQueryDsl as _;

/// Days for which there is a partition before they come: upkeep may be away for as long.
const AHEAD: i32 = 7;

statements! {
    Tables -> (Text,):
        "SELECT name FROM daily_tables ORDER BY name";
    /// To drop a day the whole table is locked: behind a long transaction everybody would wait.
    Hurry:
        "SELECT set_config('lock_timeout', '1s', true)";
    Rotate -> (Integer, Integer):
        "SELECT made, dropped FROM rotate_daily_table($1, $2, $3)";
}

/// What there is of them.
pub async fn tables(db: &SystemDb) -> Result<Vec<String>, StoreError> {
    let mut tx = db.begin().await?;
    let found: Vec<(String,)> = Tables::prepared().load(tx.conn()).await?;
    Ok(found.into_iter().map(|(name,)| name).collect())
}

/// Makes the coming days of `table` and drops those older than `keep_days`; says how many of each.
pub async fn rotate(db: &SystemDb, table: &str, keep_days: u32) -> Result<(i32, i32), StoreError> {
    let mut tx = db.begin().await?;
    Hurry::prepared().execute(tx.conn()).await?;
    let done = Rotate::prepared()
        .bind::<Text, _>(table.to_owned())
        .bind::<Integer, _>(AHEAD)
        .bind::<Integer, _>(
            i32::try_from(keep_days)
                .unwrap_or(i32::MAX)
                .clamp(1, 100_000),
        )
        .get_result(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(done)
}
