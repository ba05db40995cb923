use crate::{
    identity::{links::LinkPurpose, token::TokenHash},
    kernel::{StoreError, ids::UserId},
    platform::{SystemDb, SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Binary, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

statements! {
    AddLink:
        "INSERT INTO account_links (token_hash, user_id, purpose, email, expires_at) VALUES ($1, $2, $3, $4, $5)";
    FindLink -> (BigInt, Text):
        "SELECT l.user_id, l.email FROM account_links l JOIN users u ON u.id = l.user_id AND u.is_active \
          WHERE l.token_hash = $1 AND l.purpose = $2 AND l.expires_at > $3";
    // Of two who follow it at the same time the second waits here, and finds that it is gone.
    UseLink -> (BigInt, Text):
        "DELETE FROM account_links WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3 \
         RETURNING user_id, email";
    DropLinks:
        "DELETE FROM account_links WHERE user_id = $1";
    DropLinksFor:
        "DELETE FROM account_links WHERE user_id = $1 AND purpose = $2";
    ForgetLinks:
        "DELETE FROM account_links WHERE token_hash IN ( \
            SELECT token_hash FROM account_links WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
}

pub(in super::super) async fn add(
    tx: &mut SystemTx,
    token: TokenHash,
    user: UserId,
    purpose: LinkPurpose,
    email: &str,
    expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    AddLink::prepared()
        .bind::<Binary, _>(token.to_vec())
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(purpose)
        .bind::<Text, _>(email.to_owned())
        .bind::<Timestamptz, _>(expires_at)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Whose link it is and where it was sent, while it is good.
pub(in super::super) async fn find(
    tx: &mut SystemTx,
    token: TokenHash,
    purpose: LinkPurpose,
) -> Result<Option<(UserId, String)>, StoreError> {
    let now = tx.now();
    Ok(FindLink::prepared()
        .bind::<Binary, _>(token.to_vec())
        .bind::<Text, _>(purpose)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await
        .optional()?)
}

/// The same, and from then on it is good for nothing.
pub(in super::super) async fn consume(
    tx: &mut SystemTx,
    token: TokenHash,
    purpose: LinkPurpose,
) -> Result<Option<(UserId, String)>, StoreError> {
    let now = tx.now();
    Ok(UseLink::prepared()
        .bind::<Binary, _>(token.to_vec())
        .bind::<Text, _>(purpose)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await
        .optional()?)
}

/// Makes all links of somebody worthless.
pub(in super::super) async fn drop_all(tx: &mut SystemTx, user: UserId) -> Result<(), StoreError> {
    DropLinks::prepared()
        .bind::<BigInt, _>(user)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in super::super) async fn drop_for(
    tx: &mut SystemTx,
    user: UserId,
    purpose: LinkPurpose,
) -> Result<(), StoreError> {
    DropLinksFor::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(purpose)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Drops up to `most` that ran out before `before`; says how many there were.
pub async fn forget_links(
    db: &SystemDb,
    before: DateTime<Utc>,
    most: i64,
) -> Result<usize, StoreError> {
    let mut tx = db.begin().await?;
    let dropped = ForgetLinks::prepared()
        .bind::<Timestamptz, _>(before)
        .bind::<BigInt, _>(most)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(dropped)
}
