use crate::{
    kernel::{
        StoreError,
        ids::{PasskeyId, UserId},
    },
    platform::{SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Binary, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;
use serde_json::Value;

statements! {
    List -> (BigInt, Binary, Text, Jsonb, Timestamptz, Nullable<Timestamptz>):
        "SELECT id, user_handle, name, credential, created_at, last_used_at FROM account_passkeys \
          WHERE user_id = $1 ORDER BY id";
    ByName -> Jsonb:
        "SELECT p.credential FROM account_passkeys p JOIN users u ON u.id = p.user_id AND u.is_active \
          WHERE lower(u.username) = lower($1) OR u.email = lower($1) ORDER BY p.id";
    // Held until its counter has been written.
    ByCredential -> (BigInt, BigInt, Jsonb):
        "SELECT p.id, p.user_id, p.credential FROM account_passkeys p WHERE p.credential_id = $1 FOR UPDATE";
    Add:
        "INSERT INTO account_passkeys (user_id, credential_id, user_handle, name, credential, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)";
    Used:
        "UPDATE account_passkeys SET credential = $2, last_used_at = $3 WHERE id = $1";
    Remove -> Text:
        "DELETE FROM account_passkeys WHERE user_id = $1 AND id = $2 RETURNING name";
}

/// A key as its table has it.
pub(in super::super) struct Row {
    pub(in super::super) id: PasskeyId,
    pub(in super::super) handle: Vec<u8>,
    pub(in super::super) name: String,
    pub(in super::super) credential: Value,
    pub(in super::super) created_at: DateTime<Utc>,
    pub(in super::super) last_used_at: Option<DateTime<Utc>>,
}

pub(in super::super) async fn of(tx: &mut SystemTx, user: UserId) -> Result<Vec<Row>, StoreError> {
    type Columns = (
        PasskeyId,
        Vec<u8>,
        String,
        Value,
        DateTime<Utc>,
        Option<DateTime<Utc>>,
    );
    let rows: Vec<Columns> = List::prepared()
        .bind::<BigInt, _>(user)
        .load(tx.conn())
        .await?;
    let row = |(id, handle, name, credential, created_at, last_used_at)| Row {
        id,
        handle,
        name,
        credential,
        created_at,
        last_used_at,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// The keys of somebody by user name or address.
pub(in super::super) async fn by_name(
    tx: &mut SystemTx,
    name: &str,
) -> Result<Vec<Value>, StoreError> {
    Ok(ByName::prepared()
        .bind::<Text, _>(name.to_owned())
        .load(tx.conn())
        .await?)
}

pub(in super::super) async fn by_credential(
    tx: &mut SystemTx,
    credential_id: &[u8],
) -> Result<Option<(PasskeyId, UserId, Value)>, StoreError> {
    Ok(ByCredential::prepared()
        .bind::<Binary, _>(credential_id.to_vec())
        .get_result(tx.conn())
        .await
        .optional()?)
}

pub(in super::super) async fn add(
    tx: &mut SystemTx,
    user: UserId,
    credential_id: &[u8],
    handle: [u8; 16],
    name: &str,
    credential: Value,
) -> Result<(), super::super::IdentityError> {
    let now = tx.now();
    Add::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Binary, _>(credential_id.to_vec())
        .bind::<Binary, _>(handle.to_vec())
        .bind::<Text, _>(name.to_owned())
        .bind::<Jsonb, _>(credential)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in super::super) async fn used(
    tx: &mut SystemTx,
    id: PasskeyId,
    credential: Value,
) -> Result<(), StoreError> {
    let now = tx.now();
    Used::prepared()
        .bind::<BigInt, _>(id)
        .bind::<Jsonb, _>(credential)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Says how it was called, if it was theirs.
pub(in super::super) async fn remove(
    tx: &mut SystemTx,
    user: UserId,
    id: PasskeyId,
) -> Result<Option<String>, StoreError> {
    Ok(Remove::prepared()
        .bind::<BigInt, _>(user)
        .bind::<BigInt, _>(id)
        .get_result(tx.conn())
        .await
        .optional()?)
}
