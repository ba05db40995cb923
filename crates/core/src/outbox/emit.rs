use super::event::{Consumer, NewEvent};
use crate::{
    kernel::{
        StoreError,
        ids::{OrganizationId, UserId},
    },
    platform::{OrgTx, SystemTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use std::collections::BTreeSet;

statements! {
    // Facts get their numbers in the order they are given in; then one row for each who must hear.
    Record:
        "WITH recorded AS ( \
            INSERT INTO domain_events (organization_id, event_name, occurred_at, user_id, \
                                       entity_type, entity_id, correlation_id, properties) \
            SELECT $1, e.name, $2, $3, e.entity_type, e.entity_id, $4, e.properties \
              FROM unnest($5::text[], $6::text[], $7::bigint[], $8::jsonb[]) WITH ORDINALITY \
                   AS e (name, entity_type, entity_id, properties, position) \
             ORDER BY e.position \
            RETURNING id, event_name) \
         INSERT INTO outbox_queue (organization_id, event_id, consumer, available_at) \
         SELECT $1, r.id, c.consumer, $2 FROM recorded r \
           JOIN unnest($9::text[], $10::text[]) AS c (event_name, consumer) \
             ON c.event_name = r.event_name";
}

/// Records `events` with this unit of work; they are there when, and only if, it commits. One
/// statement, however many there are.
pub async fn emit(tx: &mut OrgTx, events: Vec<NewEvent>) -> Result<(), StoreError> {
    let cause = Cause {
        organization: tx.organization(),
        user: tx.user(),
        correlation: tx.correlation().to_owned(),
        now: tx.now(),
    };
    record(tx.conn(), cause, events).await
}

/// The same for work beyond tenants, such as sign-up, which knows its organisation only now.
pub async fn emit_for_system(
    tx: &mut SystemTx,
    organization: OrganizationId,
    user: Option<UserId>,
    correlation: &str,
    events: Vec<NewEvent>,
) -> Result<(), StoreError> {
    let cause = Cause {
        organization,
        user,
        correlation: correlation.to_owned(),
        now: tx.now(),
    };
    record(tx.conn(), cause, events).await
}

struct Cause {
    organization: OrganizationId,
    user: Option<UserId>,
    correlation: String,
    now: DateTime<Utc>,
}

async fn record(
    conn: &mut AsyncPgConnection,
    cause: Cause,
    events: Vec<NewEvent>,
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    for event in &events {
        let lacking = event.lacking();
        debug_assert!(lacking.is_empty(), "{event:?} lacks {lacking:?}");
    }
    let routes: BTreeSet<_> = events
        .iter()
        .map(|event| (event.event.as_str(), Consumer::Dispatcher.as_str()))
        .collect();
    let (heard, hearers): (Vec<_>, Vec<_>) = routes.into_iter().unzip();
    let names: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    let entity_types: Vec<_> = events
        .iter()
        .map(|event| event.event.entry().entity_type)
        .collect();
    let entity_ids: Vec<_> = events.iter().map(|event| event.entity_id).collect();
    let properties: Vec<_> = events.into_iter().map(|event| event.properties).collect();
    Record::prepared()
        .bind::<BigInt, _>(cause.organization)
        .bind::<Timestamptz, _>(cause.now)
        .bind::<Nullable<BigInt>, _>(cause.user)
        .bind::<Text, _>(cause.correlation)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<Text>, _>(entity_types)
        .bind::<Array<BigInt>, _>(entity_ids)
        .bind::<Array<Jsonb>, _>(properties)
        .bind::<Array<Text>, _>(heard)
        .bind::<Array<Text>, _>(hearers)
        .execute(conn)
        .await?;
    Ok(())
}
