//! Second factors: what authenticator apps share with us, and recovery codes.
use crate::{
    kernel::{StoreError, ids::UserId},
    platform::{SystemTx, prepared::statements},
};
use diesel::{
    OptionalExtension as _,
    sql_types::{Array, BigInt, Binary, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

statements! {
    // A secret that nobody has confirmed makes room for the next.
    PutTotp:
        "INSERT INTO account_totp (user_id, sealed_secret, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (user_id) DO UPDATE SET sealed_secret = $2, created_at = $3, last_step = 0";
    FindTotp -> Binary:
        "SELECT sealed_secret FROM account_totp WHERE user_id = $1";
    // Whoever comes second with the same code waits here, and finds that its step was taken.
    TakeStep:
        "UPDATE account_totp SET last_step = $2 WHERE user_id = $1 AND last_step < $2";
    DropTotp:
        "DELETE FROM account_totp WHERE user_id = $1";
    PutRecovery:
        "INSERT INTO account_recovery_codes (user_id, code_hash) SELECT $1, unnest($2)";
    TakeRecovery:
        "DELETE FROM account_recovery_codes WHERE user_id = $1 AND code_hash = $2";
    DropRecovery:
        "DELETE FROM account_recovery_codes WHERE user_id = $1";
    CountRecovery -> BigInt:
        "SELECT count(*) FROM account_recovery_codes WHERE user_id = $1";
}

pub(in super::super) async fn put_totp(
    tx: &mut SystemTx,
    user: UserId,
    sealed: Vec<u8>,
) -> Result<(), StoreError> {
    let now = tx.now();
    PutTotp::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Binary, _>(sealed)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in super::super) async fn totp(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(FindTotp::prepared()
        .bind::<BigInt, _>(user)
        .get_result(tx.conn())
        .await
        .optional()?)
}

/// Takes the code of a step of time; `false` where it, or a later one, was taken before.
pub(in super::super) async fn take_step(
    tx: &mut SystemTx,
    user: UserId,
    step: i64,
) -> Result<bool, StoreError> {
    let taken = TakeStep::prepared()
        .bind::<BigInt, _>(user)
        .bind::<BigInt, _>(step)
        .execute(tx.conn())
        .await?;
    Ok(taken == 1)
}

/// Puts new recovery codes in place of those there were.
pub(in super::super) async fn put_recovery(
    tx: &mut SystemTx,
    user: UserId,
    hashes: Vec<Vec<u8>>,
) -> Result<(), StoreError> {
    DropRecovery::prepared()
        .bind::<BigInt, _>(user)
        .execute(tx.conn())
        .await?;
    PutRecovery::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Array<Binary>, _>(hashes)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Uses a recovery code up; `false` where there is no such code any more.
pub(in super::super) async fn take_recovery(
    tx: &mut SystemTx,
    user: UserId,
    hash: [u8; 32],
) -> Result<bool, StoreError> {
    let taken = TakeRecovery::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Binary, _>(hash.to_vec())
        .execute(tx.conn())
        .await?;
    Ok(taken == 1)
}

/// How many are left.
pub(in super::super) async fn count_recovery(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<i64, StoreError> {
    Ok(CountRecovery::prepared()
        .bind::<BigInt, _>(user)
        .get_result(tx.conn())
        .await?)
}

pub(in super::super) async fn drop_all(tx: &mut SystemTx, user: UserId) -> Result<(), StoreError> {
    for dropped in [
        DropTotp::prepared()
            .bind::<BigInt, _>(user)
            .execute(tx.conn())
            .await,
        DropRecovery::prepared()
            .bind::<BigInt, _>(user)
            .execute(tx.conn())
            .await,
    ] {
        dropped?;
    }
    Ok(())
}
