//! The answer to a write, kept in the transaction of its effect.
//!
//! A retry finds the answer and replays it. A duplicate that arrives while the first is under way
//! waits on the primary key: it replays when the first commits, and goes ahead when it rolls back.
//! So an answer is stored exactly when its effect is, and a refused request can be mended and sent
//! again under the same key.
use super::{OrgTx, SystemDb, prepared::statements};
use crate::kernel::{Fault, Kind, StoreError};
use diesel::sql_types::{BigInt, Binary, Jsonb, Nullable, SmallInt, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use std::borrow::Cow;

/// How long a key is remembered.
pub const KEPT_HOURS: i64 = 24;

#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// Nobody has used this key: carry the request out, then [`store`] its answer.
    New,
    Replay(Answer),
    /// The key was used for another request.
    Mismatch,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: i16,
    pub location: Option<String>,
    pub body: Option<Value>,
}

#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    #[error("The same request is still being carried out. Try again in a few seconds.")]
    UnderWay,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for IdempotencyError {
    fn kind(&self) -> Kind {
        match self {
            Self::UnderWay => Kind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::UnderWay => "idempotency.under_way",
            Self::Store(error) => error.code(),
        }
    }
    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::UnderWay => Cow::Owned(self.to_string()),
            Self::Store(error) => error.detail(),
        }
    }
}

impl From<diesel::result::Error> for IdempotencyError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::Error as E;
        match error {
            E::DatabaseError(_, info)
                if info.message() == "canceling statement due to lock timeout" =>
            {
                Self::UnderWay
            }
            other => Self::Store(other.into()),
        }
    }
}

statements! {
    Forget:
        "DELETE FROM idempotency_keys WHERE (organization_id, user_id, key) IN (
             SELECT organization_id, user_id, key FROM idempotency_keys
             WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
    // A key older than a day is free again, even before upkeep has come round.
    // Neither this nor what follows in the transaction waits longer than five seconds for a lock.
    Insert:
        "INSERT INTO idempotency_keys AS k (organization_id, user_id, key, fingerprint, created_at) \
         SELECT $1, $2, $3, $4, $5 FROM (SELECT set_config('lock_timeout', '5s', true)) AS patience \
         ON CONFLICT (organization_id, user_id, key) DO UPDATE \
            SET fingerprint = excluded.fingerprint, status = 0, location = NULL, body = NULL, \
                created_at = excluded.created_at \
            WHERE k.created_at < $6";
    Find -> (Binary, SmallInt, Nullable<Text>, Nullable<Jsonb>):
        "SELECT fingerprint, status, location, body FROM idempotency_keys \
         WHERE organization_id = $1 AND user_id = $2 AND key = $3";
    Store:
        "UPDATE idempotency_keys SET status = $4, location = $5, body = $6 \
         WHERE organization_id = $1 AND user_id = $2 AND key = $3";
}

/// Takes `key` for the caller of this unit of work, or says what was answered under it.
pub async fn claim(
    tx: &mut OrgTx,
    key: &str,
    fingerprint: [u8; 32],
) -> Result<Claim, IdempotencyError> {
    let (organization, user, now) = (tx.organization(), caller(tx), tx.now());
    let taken = Insert::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(key.to_owned())
        .bind::<Binary, _>(fingerprint.to_vec())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - chrono::Duration::hours(KEPT_HOURS))
        .execute(tx.conn())
        .await?;
    if taken == 1 {
        return Ok(Claim::New);
    }
    let (known, status, location, body): (Vec<u8>, i16, Option<String>, Option<Value>) =
        Find::prepared()
            .bind::<BigInt, _>(organization)
            .bind::<BigInt, _>(user)
            .bind::<Text, _>(key.to_owned())
            .get_result(tx.conn())
            .await?;
    Ok(if known == fingerprint {
        Claim::Replay(Answer {
            status,
            location,
            body,
        })
    } else {
        Claim::Mismatch
    })
}

/// Keeps the answer beside its effect; both are there after the commit, or neither.
pub async fn store(tx: &mut OrgTx, key: &str, answer: Answer) -> Result<(), StoreError> {
    let (organization, user) = (tx.organization(), caller(tx));
    Store::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(key.to_owned())
        .bind::<SmallInt, _>(answer.status)
        .bind::<Nullable<Text>, _>(answer.location)
        .bind::<Nullable<Jsonb>, _>(answer.body)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Tokens of the organisation are below zero, each by itself; zero is what happens by itself.
fn caller(tx: &OrgTx) -> i64 {
    match (tx.user(), tx.program()) {
        (Some(user), _) => user.get(),
        (None, Some(program)) => -program.token.get(),
        (None, None) => 0,
    }
}

/// Drops up to `most` answers that are kept no longer; says how many there were.
pub async fn forget(db: &SystemDb, most: i64) -> Result<usize, StoreError> {
    let mut tx = db.begin().await?;
    let before = tx.now() - chrono::Duration::hours(KEPT_HOURS);
    let dropped = Forget::prepared()
        .bind::<Timestamptz, _>(before)
        .bind::<BigInt, _>(most)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(dropped)
}
