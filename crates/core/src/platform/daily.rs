//! Tables that are kept by day: tomorrow's days are made, and old ones dropped whole.
use super::{SystemDb, SystemTx, prepared::statements};
use crate::kernel::StoreError;
use diesel::sql_types::{Integer, Text};
use diesel_async::RunQueryDsl as _;

/// Days for which there is a partition before they come: upkeep may be away for as long.
const AHEAD: i32 = 7;
/// Days for which something is kept that is kept for ever.
pub(crate) const LONGEST: u32 = 100_000;

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
    let done = rotate_in(&mut tx, table, keep_days).await?;
    tx.commit().await?;
    Ok(done)
}

/// The same, in the transaction of one who has more to see to.
pub(crate) async fn rotate_in(
    tx: &mut SystemTx,
    table: &str,
    keep_days: u32,
) -> Result<(i32, i32), StoreError> {
    Hurry::prepared().execute(tx.conn()).await?;
    Ok(Rotate::prepared()
        .bind::<Text, _>(table.to_owned())
        .bind::<Integer, _>(AHEAD)
        .bind::<Integer, _>(i32::try_from(keep_days.clamp(1, LONGEST)).unwrap_or(i32::MAX))
        .get_result(tx.conn())
        .await?)
}
