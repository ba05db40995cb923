use super::super::model::{Act, Actor, Entry};
use crate::{
    kernel::{
        StoreError,
        cursor::{Cursor, Page},
        ids::OrganizationId,
    },
    platform::{OrgTx, SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};

type EntryRow = (
    BigInt,
    Timestamptz,
    Nullable<BigInt>,
    Text,
    Text,
    Text,
    BigInt,
    Text,
    Nullable<BigInt>,
    Nullable<Text>,
);

statements! {
    Note:
        "INSERT INTO operator_audit (at, user_id, actor, act, subject, how_many, correlation_id, organization_id, reason) \
         VALUES ($1, $2, left($3, 200), $4, $5, $6, $7, $8, left($9, 300))";
    List -> EntryRow:
        "SELECT id, at, user_id, actor, act, subject, how_many, correlation_id, organization_id, reason FROM operator_audit \
          WHERE id < $1 AND ($3::bigint IS NULL OR organization_id = $3) ORDER BY id DESC LIMIT $2";
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
    let concerning = Concerning::default();
    insert(tx.conn(), now, actor, act, subject, how_many, concerning).await
}

/// The same of what concerns one organisation.
pub(in super::super) async fn note_about(
    tx: &mut SystemTx,
    actor: &Actor,
    act: Act,
    organization: OrganizationId,
    subject: &str,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let concerning = Concerning {
        organization: Some(organization),
        reason: reason.map(str::to_owned),
    };
    let now = tx.now();
    insert(tx.conn(), now, actor, act, subject, 1, concerning).await
}

/// The same of what an operator does as the current organisation, by whoever serves the request.
pub(in super::super) async fn note_acted(
    tx: &mut OrgTx,
    actor: &Actor,
    subject: &str,
    reason: &str,
) -> Result<(), StoreError> {
    let concerning = Concerning {
        organization: Some(tx.organization()),
        reason: Some(reason.to_owned()),
    };
    let (now, act) = (tx.now(), Act::ActedAsOrganization);
    insert(tx.conn(), now, actor, act, subject, 1, concerning).await
}

#[derive(Default)]
struct Concerning {
    organization: Option<OrganizationId>,
    reason: Option<String>,
}

async fn insert(
    conn: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    actor: &Actor,
    act: Act,
    subject: &str,
    how_many: i64,
    concerning: Concerning,
) -> Result<(), StoreError> {
    Note::prepared()
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<BigInt>, _>(actor.user)
        .bind::<Text, _>(actor.name.clone())
        .bind::<Text, _>(act)
        .bind::<Text, _>(subject.to_owned())
        .bind::<BigInt, _>(how_many)
        .bind::<Text, _>(actor.correlation.clone())
        .bind::<Nullable<BigInt>, _>(concerning.organization)
        .bind::<Nullable<Text>, _>(concerning.reason)
        .execute(conn)
        .await?;
    Ok(())
}

/// What operators did, the latest first; of one organisation, or all.
pub async fn audit_of(
    tx: &mut SystemTx,
    organization: Option<OrganizationId>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Entry>, StoreError> {
    let rows = List::prepared()
        .bind::<BigInt, _>(after.map_or(i64::MAX, |cursor| cursor.id))
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1)
        .bind::<Nullable<BigInt>, _>(organization)
        .load(tx.conn())
        .await?;
    Ok(Page::of(rows, limit, |entry: &Entry| Cursor {
        key: String::new(),
        id: entry.id,
    }))
}

/// What operators did, the latest first.
pub async fn audit(
    tx: &mut SystemTx,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Entry>, StoreError> {
    audit_of(tx, None, after, limit).await
}
