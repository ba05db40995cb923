//! Operators acting as organisations.
use super::super::model::Stay;
use crate::{
    kernel::{
        StoreError,
        ids::{OperatorStayId, OrganizationId, UserId},
    },
    platform::{SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

type StayColumns = (BigInt, BigInt, Text, Text, Timestamptz, Timestamptz);

statements! {
    // Whoever is no operator any more acts as nobody either.
    Find -> StayColumns:
        "SELECT s.id, s.organization_id, o.name, s.reason, s.begun_at, s.ends_at FROM operator_stays s \
           JOIN organizations o ON o.id = s.organization_id JOIN users u ON u.id = s.operator_id \
          WHERE s.id = $1 AND s.operator_id = $2 AND s.ended_at IS NULL AND s.ends_at > $3 AND u.is_operator AND u.is_active";
    Begin -> BigInt:
        "INSERT INTO operator_stays (operator_id, organization_id, reason, begun_at, ends_at) VALUES ($1, $2, left($3, 300), $4, $5) \
         RETURNING id";
    End -> (BigInt, Text):
        "UPDATE operator_stays s SET ended_at = least($3, s.ends_at) FROM organizations o \
          WHERE s.id = $1 AND s.operator_id = $2 AND s.ended_at IS NULL AND o.id = s.organization_id \
         RETURNING s.organization_id, o.name";
}

/// An operator's stay, unless it is over.
pub async fn stay(
    tx: &mut SystemTx,
    operator: UserId,
    id: OperatorStayId,
) -> Result<Option<Stay>, StoreError> {
    let now = tx.now();
    Ok(Find::prepared()
        .bind::<BigInt, _>(id)
        .bind::<BigInt, _>(operator)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await
        .optional()?)
}

pub(in super::super) async fn begin(
    tx: &mut SystemTx,
    operator: UserId,
    organization: OrganizationId,
    reason: &str,
    ends_at: DateTime<Utc>,
) -> Result<OperatorStayId, StoreError> {
    let now = tx.now();
    Ok(Begin::prepared()
        .bind::<BigInt, _>(operator)
        .bind::<BigInt, _>(organization)
        .bind::<Text, _>(reason.to_owned())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(ends_at)
        .get_result(tx.conn())
        .await?)
}

/// Ends it; says which organisation it was, unless it was over before.
pub(in super::super) async fn end(
    tx: &mut SystemTx,
    operator: UserId,
    id: OperatorStayId,
) -> Result<Option<(OrganizationId, String)>, StoreError> {
    let now = tx.now();
    Ok(End::prepared()
        .bind::<BigInt, _>(id)
        .bind::<BigInt, _>(operator)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.conn())
        .await
        .optional()?)
}
