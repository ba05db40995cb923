//! Who is an operator, written as the owner of the tables: no service may.
use super::super::{
    OperatorError,
    model::{Act, Actor},
};
use crate::{
    kernel::ids::UserId,
    platform::{connect::establish, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{Array, BigInt, Bool, Text, Timestamptz},
};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _};

statements! {
    Find -> (BigInt, Bool):
        "SELECT id, is_operator FROM users WHERE email = lower($1) FOR NO KEY UPDATE";
    Appoint:
        "UPDATE users SET is_operator = $2 WHERE id = $1";
    IsDecided -> Bool:
        "SELECT EXISTS (SELECT FROM operator_audit WHERE act = ANY ($1) AND subject = lower($2))";
    Note:
        "INSERT INTO operator_audit (at, actor, act, subject, how_many, correlation_id) \
         VALUES ($1, left($2, 200), $3, lower($4), 1, $5)";
}

/// Writes that, and that it was done; whether it changed anything, and `None` if there is nobody with
/// that address.
pub(in super::super) async fn appoint(
    owner_url: &str,
    now: DateTime<Utc>,
    actor: &Actor,
    email: &str,
    is_operator: bool,
) -> Result<Option<bool>, OperatorError> {
    let mut conn = establish(owner_url).await?;
    conn.transaction(async |conn| write(conn, now, actor, email, is_operator).await)
        .await
}

async fn write(
    conn: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    actor: &Actor,
    email: &str,
    is_operator: bool,
) -> Result<Option<bool>, OperatorError> {
    let found: Option<(UserId, bool)> = Find::prepared()
        .bind::<Text, _>(email.to_owned())
        .get_result(conn)
        .await
        .optional()?;
    let Some((user, before)) = found else {
        return Ok(None);
    };
    if before == is_operator {
        return Ok(Some(false));
    }
    Appoint::prepared()
        .bind::<BigInt, _>(user)
        .bind::<Bool, _>(is_operator)
        .execute(conn)
        .await?;
    Note::prepared()
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(actor.name.clone())
        .bind::<Text, _>(if is_operator {
            Act::OperatorAdded
        } else {
            Act::OperatorRemoved
        })
        .bind::<Text, _>(email.to_owned())
        .bind::<Text, _>(actor.correlation.clone())
        .execute(conn)
        .await?;
    Ok(Some(true))
}

/// Whether anybody ever made them an operator, or ended it.
pub(in super::super) async fn is_decided(
    owner_url: &str,
    email: &str,
) -> Result<bool, OperatorError> {
    let acts = [Act::OperatorAdded, Act::OperatorRemoved].map(Act::as_str);
    Ok(IsDecided::prepared()
        .bind::<Array<Text>, _>(acts.to_vec())
        .bind::<Text, _>(email.to_owned())
        .get_result(&mut establish(owner_url).await?)
        .await?)
}
