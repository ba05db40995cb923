use super::super::audit::{By, Entry, Filter, Line};
use crate::{
    kernel::{
        StoreError,
        cursor::{Cursor, Page},
        ids::{OrganizationId, UserId},
        text::containing,
    },
    platform::{OrgTx, SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use serde_json::Value;

type EntryColumns = (
    BigInt,
    Timestamptz,
    Nullable<BigInt>,
    Text,
    diesel::sql_types::Bool,
    Nullable<Text>,
    Text,
    Text,
    Nullable<BigInt>,
    Jsonb,
    Nullable<Text>,
    Text,
);

type EntryRow = (
    i64,
    DateTime<Utc>,
    Option<UserId>,
    String,
    bool,
    Option<String>,
    String,
    String,
    Option<i64>,
    Value,
    Option<String>,
    String,
);

statements! {
    // Whoever did it is called as they are called at this moment.
    Note:
        "INSERT INTO audit_entries (organization_id, at, user_id, actor, operator_id, reason, act, subject, subject_id, \
                                    details, client, correlation_id) \
         SELECT $1, $2, $3, left(coalesce($4, (SELECT coalesce(nullif(btrim(concat(first_name, ' ', last_name)), ''), username) \
                                                 FROM users WHERE id = $3), 'BatchTrack'), 200), \
                $5, left($6, 300), $7, left($8, 300), $9, $10, left($11, 45), $12";
    // By the primary key from its end; what the filters leave out is passed over.
    List -> EntryColumns:
        "SELECT id, at, user_id, actor, operator_id IS NOT NULL OR reason IS NOT NULL, reason, act, subject, subject_id, \
                details, client, correlation_id \
           FROM audit_entries \
          WHERE organization_id = $1 AND id < $2 \
            AND ($3::text IS NULL OR lower(actor) LIKE $3 OR lower(subject) LIKE $3 OR lower(reason) LIKE $3 \
                 OR lower(details::text) LIKE $3) \
            AND ($4::bigint IS NULL OR user_id = $4) \
            AND ($5::text IS NULL OR act = $5) \
            AND ($6::timestamptz IS NULL OR at >= $6) \
            AND ($7::timestamptz IS NULL OR at < $7) \
          ORDER BY id DESC LIMIT $8";
}

/// Whom a line names.
struct Named {
    user: Option<UserId>,
    name: Option<String>,
    operator: Option<UserId>,
    reason: Option<String>,
    client: Option<String>,
    correlation: String,
}

pub(in super::super) async fn note(tx: &mut OrgTx, line: Line) -> Result<(), StoreError> {
    let origin = tx.origin();
    let stay = origin.stay.as_ref();
    let named = Named {
        user: tx.user(),
        // The fence hides their account: they are no member.
        name: match (stay, tx.program()) {
            (Some(stay), _) => Some(stay.name.clone()),
            (None, Some(program)) if tx.user().is_none() => {
                Some(format!("Token “{}”", program.name))
            }
            (None, _) => None,
        },
        operator: stay.and_then(|_| tx.user()),
        reason: stay.map(|stay| stay.reason.clone()),
        client: origin.client.map(|address| address.to_string()),
        correlation: tx.correlation().to_owned(),
    };
    let (organization, now) = (tx.organization(), tx.now());
    insert(tx.conn(), organization, now, named, line).await
}

pub(in super::super) async fn note_for_system(
    tx: &mut SystemTx,
    organization: OrganizationId,
    by: &By,
    line: Line,
) -> Result<(), StoreError> {
    let named = Named {
        user: by.user,
        name: by.name.clone(),
        operator: by.operator.as_ref().and_then(|operator| operator.user),
        reason: by
            .operator
            .as_ref()
            .map(|operator| operator.reason.clone().unwrap_or_default()),
        client: by.client.map(|address| address.to_string()),
        correlation: by.correlation.clone(),
    };
    let now = tx.now();
    insert(tx.conn(), organization, now, named, line).await
}

async fn insert(
    conn: &mut AsyncPgConnection,
    organization: OrganizationId,
    now: DateTime<Utc>,
    named: Named,
    line: Line,
) -> Result<(), StoreError> {
    Note::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<BigInt>, _>(named.user)
        .bind::<Nullable<Text>, _>(named.name)
        .bind::<Nullable<BigInt>, _>(named.operator)
        .bind::<Nullable<Text>, _>(named.reason)
        .bind::<Text, _>(line.act)
        .bind::<Text, _>(line.subject)
        .bind::<Nullable<BigInt>, _>(line.subject_id)
        .bind::<Jsonb, _>(line.details)
        .bind::<Nullable<Text>, _>(named.client)
        .bind::<Text, _>(named.correlation)
        .execute(conn)
        .await?;
    Ok(())
}

/// What was done in the current organisation, the latest first.
pub async fn entries(
    tx: &mut OrgTx,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<Entry>, StoreError> {
    let organization = tx.organization();
    let rows: Vec<EntryRow> = List::prepared()
        .bind::<BigInt, _>(organization)
        .bind::<BigInt, _>(after.map_or(i64::MAX, |cursor| cursor.id))
        .bind::<Nullable<Text>, _>(filter.words.as_deref().map(containing))
        .bind::<Nullable<BigInt>, _>(filter.person)
        .bind::<Nullable<Text>, _>(filter.act)
        .bind::<Nullable<Timestamptz>, _>(filter.from)
        .bind::<Nullable<Timestamptz>, _>(filter.until)
        .bind::<BigInt, _>(i64::from(limit) + 1)
        .load(tx.conn())
        .await?;
    let page = Page::of(rows, usize::from(limit), |row| Cursor {
        key: String::new(),
        id: row.0,
    });
    Ok(page.map(entry))
}

fn entry(
    (
        id,
        at,
        user,
        actor,
        by_operator,
        reason,
        act,
        subject,
        subject_id,
        details,
        client,
        correlation,
    ): EntryRow,
) -> Entry {
    Entry {
        id,
        at,
        user,
        actor,
        by_operator,
        reason: reason.filter(|reason| !reason.is_empty()),
        act,
        subject,
        subject_id,
        details,
        client,
        correlation,
    }
}
