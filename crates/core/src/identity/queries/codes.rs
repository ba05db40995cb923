use crate::{
    identity::{codes::CodePurpose, token::TokenHash},
    kernel::{StoreError, ids::UserId},
    platform::{SystemDb, SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Binary, Int2, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

statements! {
    // A browser that asks again has the newest code only.
    PutCode:
        "INSERT INTO account_codes (ticket_hash, user_id, purpose, code_hash, expires_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (ticket_hash) DO UPDATE SET user_id = $2, purpose = $3, code_hash = $4, expires_at = $5, tries = 0";
    // Counted before it is looked at. Whoever tries at the same time waits here, and finds what is left.
    TryCode -> (BigInt, Binary):
        "UPDATE account_codes SET tries = tries + 1 \
          WHERE ticket_hash = $1 AND purpose = $2 AND expires_at > $3 AND tries < $4 RETURNING user_id, code_hash";
    DropCode:
        "DELETE FROM account_codes WHERE ticket_hash = $1";
    DropCodes:
        "DELETE FROM account_codes WHERE user_id = $1";
    ForgetCodes:
        "DELETE FROM account_codes WHERE ticket_hash IN ( \
            SELECT ticket_hash FROM account_codes WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
}

pub(in super::super) async fn put(
    tx: &mut SystemTx,
    ticket: TokenHash,
    user: UserId,
    purpose: CodePurpose,
    hash: [u8; 32],
    expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    PutCode::prepared()
        .bind::<Binary, _>(ticket.to_vec())
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(purpose)
        .bind::<Binary, _>(hash.to_vec())
        .bind::<Timestamptz, _>(expires_at)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Counts a try at the code of this ticket, and says whose it is and how it is kept; none for a code
/// that was tried too often or is too old, and where none was ever sent.
pub(in super::super) async fn attempt(
    tx: &mut SystemTx,
    ticket: TokenHash,
    purpose: CodePurpose,
    most: i16,
) -> Result<Option<(UserId, Vec<u8>)>, StoreError> {
    let now = tx.now();
    Ok(TryCode::prepared()
        .bind::<Binary, _>(ticket.to_vec())
        .bind::<Text, _>(purpose)
        .bind::<Timestamptz, _>(now)
        .bind::<Int2, _>(most)
        .get_result(tx.conn())
        .await
        .optional()?)
}

pub(in super::super) async fn drop_one(
    tx: &mut SystemTx,
    ticket: TokenHash,
) -> Result<(), StoreError> {
    DropCode::prepared()
        .bind::<Binary, _>(ticket.to_vec())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in super::super) async fn drop_all(tx: &mut SystemTx, user: UserId) -> Result<(), StoreError> {
    DropCodes::prepared()
        .bind::<BigInt, _>(user)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Drops up to `most` that ran out before `before`; says how many there were.
pub async fn forget_codes(
    db: &SystemDb,
    before: DateTime<Utc>,
    most: i64,
) -> Result<usize, StoreError> {
    let mut tx = db.begin().await?;
    let dropped = ForgetCodes::prepared()
        .bind::<Timestamptz, _>(before)
        .bind::<BigInt, _>(most)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(dropped)
}
