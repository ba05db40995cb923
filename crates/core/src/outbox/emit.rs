use super::event::NewEvent;
use crate::{
    kernel::{
        StoreError,
        ids::{OrganizationId, UserId},
    },
    platform::{OrgTx, SystemTx, prepared::statements, telemetry},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, SmallInt, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use serde_json::Value;

/// What [`Record`] adds to the properties of an event that tells of use.
pub const USAGE: &[&str] = &[
    "user_use_index",
    "is_first_user_use",
    "is_second_user_use",
    "org_use_index",
    "is_first_org_use",
    "is_second_org_use",
    "seconds_since_first_login",
    "first_login_observed_at",
];

/// Listeners for what a unit of work has emitted; see [`crate::platform::wake`].
pub const TOPIC: &str = "events";

statements! {
    // Facts get their numbers in the order they are given in.
    Record:
        "INSERT INTO domain_events (organization_id, event_name, schema_version, occurred_at, user_id, \
                                    entity_type, entity_id, correlation_id, traceparent, properties) \
         SELECT $1, e.name, e.version, $2, $3, e.entity_type, e.entity_id, $4, $5, e.properties \
           FROM unnest($6::text[], $7::smallint[], $8::text[], $9::bigint[], $10::jsonb[]) WITH ORDINALITY \
                AS e (name, version, entity_type, entity_id, properties, position) \
          ORDER BY e.position";
    // The same, and those that tell of use are counted: for the organisation (user 0) and for whoever
    // acts. Counters are locked in the order of their names, so that no two units of work wait for
    // each other, and from here to the commit; so this had better be a unit's last statement.
    RecordAndCount:
        "WITH given AS ( \
            SELECT *, row_number() OVER (PARTITION BY name ORDER BY position) AS nth \
              FROM unnest($6::text[], $7::smallint[], $8::text[], $9::bigint[], $10::jsonb[], $11::boolean[]) \
                   WITH ORDINALITY AS e (name, version, entity_type, entity_id, properties, counts, position)), \
         uses AS ( \
            SELECT name, count(*) AS times FROM given WHERE counts GROUP BY name), \
         counted AS ( \
            INSERT INTO usage_counters AS c (organization_id, event_name, user_id, used, first_at) \
            SELECT $1, name, who, times, $2 FROM uses \
             CROSS JOIN LATERAL (SELECT 0::bigint UNION SELECT $3 WHERE $3 IS NOT NULL) AS w (who) \
             ORDER BY name, who \
            ON CONFLICT (organization_id, event_name, user_id) DO UPDATE SET used = c.used + excluded.used \
            RETURNING event_name, user_id, used, first_at), \
         entered AS ( \
            SELECT min(first_at) AS at FROM ( \
                SELECT first_at FROM usage_counters \
                 WHERE organization_id = $1 AND event_name = 'user_login_succeeded' AND user_id = $3 \
                UNION ALL \
                SELECT first_at FROM counted WHERE event_name = 'user_login_succeeded' AND user_id = $3) AS f), \
         placed AS ( \
            SELECT g.*, o.used - u.times + g.nth AS by_all, m.used - u.times + g.nth AS by_me \
              FROM given g LEFT JOIN uses u ON u.name = g.name \
              LEFT JOIN counted o ON o.event_name = g.name AND o.user_id = 0 \
              LEFT JOIN counted m ON m.event_name = g.name AND m.user_id = $3) \
         INSERT INTO domain_events (organization_id, event_name, schema_version, occurred_at, user_id, \
                                    entity_type, entity_id, correlation_id, traceparent, properties) \
         SELECT $1, p.name, p.version, $2, $3, p.entity_type, p.entity_id, $4, $5, \
                CASE WHEN p.counts THEN p.properties || jsonb_build_object( \
                    'user_use_index', p.by_me, \
                    'is_first_user_use', coalesce(p.by_me = 1, false), \
                    'is_second_user_use', coalesce(p.by_me = 2, false), \
                    'org_use_index', p.by_all, \
                    'is_first_org_use', p.by_all = 1, \
                    'is_second_org_use', p.by_all = 2, \
                    'seconds_since_first_login', CASE WHEN entered.at IS NOT NULL \
                        THEN greatest(0, floor(extract(epoch FROM $2 - entered.at)))::bigint END, \
                    'first_login_observed_at', entered.at) \
                ELSE p.properties END \
           FROM placed p CROSS JOIN entered ORDER BY p.position";
}

/// Records `events` with this unit of work; they are there when, and only if, it commits. One
/// statement, however many there are. Emit last: whoever tells of use holds counters from here on.
pub async fn emit(tx: &mut OrgTx, events: Vec<NewEvent>) -> Result<(), StoreError> {
    let cause = Cause {
        organization: tx.organization(),
        user: tx.user(),
        correlation: tx.correlation().to_owned(),
        now: tx.now(),
    };
    if !events.is_empty() {
        tx.will_ring(TOPIC);
    }
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
    if !events.is_empty() {
        tx.will_ring(TOPIC);
    }
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
    let entries: Vec<_> = events.iter().map(|event| event.event.entry()).collect();
    let names: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    let versions: Vec<_> = entries.iter().map(|entry| entry.version).collect();
    let entity_types: Vec<_> = entries.iter().map(|entry| entry.entity_type).collect();
    let entity_ids: Vec<_> = events.iter().map(|event| event.entity_id).collect();
    let properties: Vec<Value> = events.into_iter().map(|event| event.properties).collect();
    let counts: Vec<_> = entries.iter().map(|entry| entry.is_core_usage).collect();
    macro_rules! bound {
        ($statement:ident) => {
            $statement::prepared()
                .bind::<BigInt, _>(cause.organization)
                .bind::<Timestamptz, _>(cause.now)
                .bind::<Nullable<BigInt>, _>(cause.user)
                .bind::<Text, _>(cause.correlation)
                .bind::<Nullable<Text>, _>(telemetry::traceparent())
                .bind::<Array<Text>, _>(names)
                .bind::<Array<SmallInt>, _>(versions)
                .bind::<Array<Text>, _>(entity_types)
                .bind::<Array<BigInt>, _>(entity_ids)
                .bind::<Array<Jsonb>, _>(properties)
        };
    }
    if counts.contains(&true) {
        let bound = bound!(RecordAndCount).bind::<Array<Bool>, _>(counts);
        bound.execute(conn).await?;
    } else {
        bound!(Record).execute(conn).await?;
    }
    Ok(())
}
