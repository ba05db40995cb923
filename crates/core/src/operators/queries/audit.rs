use super::super::model::{Act, Actor, Entry};
use crate::{
    kernel::{
        StoreError,
        cursor::{Cursor, Page},
    },
    platform::{SystemTx, prepared::statements},
};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl as _;

type EntryRow = (
    BigInt,
    Timestamptz,
    Nullable<BigInt>,
    Text,
    Text,
    Text,
    BigInt,
    Text,
);

statements! {
    Note:
        "INSERT INTO operator_audit (at, user_id, actor, act, subject, how_many, correlation_id) \
         VALUES ($1, $2, left($3, 200), $4, $5, $6, $7)";
    List -> EntryRow:
        "SELECT id, at, user_id, actor, act, subject, how_many, correlation_id FROM operator_audit \
          WHERE id < $1 ORDER BY id DESC LIMIT $2";
}

/// Writes down what was done, with it. What changed nothing is not worth a line.
pub(in super::super) async fn note(
    tx: &mut SystemTx,
    actor: &Actor,
    act: Act,
    subject: &str,
    how_many: i64,
) -> Result<(), StoreError> {
    if how_many < 1 {
        return Ok(());
    }
    let now = tx.now();
    Note::prepared()
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<BigInt>, _>(actor.user)
        .bind::<Text, _>(actor.name.clone())
        .bind::<Text, _>(act)
        .bind::<Text, _>(subject.to_owned())
        .bind::<BigInt, _>(how_many)
        .bind::<Text, _>(actor.correlation.clone())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What operators did, the latest first.
pub async fn audit(
    tx: &mut SystemTx,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Entry>, StoreError> {
    let rows = List::prepared()
        .bind::<BigInt, _>(after.map_or(i64::MAX, |cursor| cursor.id))
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1)
        .load(tx.conn())
        .await?;
    Ok(Page::of(rows, limit, |entry: &Entry| Cursor {
        key: String::new(),
        id: entry.id,
    }))
}
