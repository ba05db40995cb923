//! What is sent, byte for byte. Pure: the same fact always makes the same body, so that the log can
//! show later what went out.
use crate::{
    kernel::ids::{OrganizationId, WebhookEndpointId},
    outbox::Fact,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

/// Receivers may refuse more.
pub const MOST_BYTES: usize = 20_000;
/// What a test delivery tells of.
pub const TEST: &str = "webhook_test";

#[derive(Serialize)]
struct Payload<'a> {
    #[serde(rename = "type")]
    event: &'a str,
    timestamp: DateTime<Utc>,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    /// Of the event; a test has none.
    id: Option<i64>,
    organization_id: i64,
    user_id: Option<i64>,
    entity_type: &'a str,
    entity_id: i64,
    correlation_id: &'a str,
    schema_version: i16,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<&'a Value>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

/// The body that tells an endpoint of `fact`. One that would be too large is thin: it says what the
/// event is about, but none of its properties.
pub fn body(fact: &Fact) -> Vec<u8> {
    let payload = |properties| Payload {
        event: &fact.name,
        timestamp: fact.occurred_at,
        data: Data {
            id: Some(fact.event.get()),
            organization_id: fact.organization.get(),
            user_id: fact.user.map(crate::kernel::ids::UserId::get),
            entity_type: &fact.entity_type,
            entity_id: fact.entity_id,
            correlation_id: &fact.correlation,
            schema_version: fact.schema_version,
            truncated: Option::is_none(&properties),
            properties,
        },
    };
    let whole = bytes(&payload(Some(&fact.properties)));
    if whole.len() < MOST_BYTES {
        whole
    } else {
        bytes(&payload(None))
    }
}

/// The body of a test.
pub fn test_body(
    organization: OrganizationId,
    endpoint: WebhookEndpointId,
    message_id: &str,
    at: DateTime<Utc>,
) -> Vec<u8> {
    bytes(&Payload {
        event: TEST,
        timestamp: at,
        data: Data {
            id: None,
            organization_id: organization.get(),
            user_id: None,
            entity_type: "webhook_endpoint",
            entity_id: endpoint.get(),
            correlation_id: message_id,
            schema_version: 1,
            properties: Some(&json!({ "message": "This is a test. Nothing has happened." })),
            truncated: false,
        },
    })
}

#[derive(Serialize)]
struct ForOperator<'a> {
    id: i64,
    event_name: &'a str,
    occurred_at: DateTime<Utc>,
    organization_id: i64,
    user_id: Option<i64>,
    entity_type: &'a str,
    entity_id: i64,
    correlation_id: &'a str,
    source: &'a str,
    schema_version: i16,
    properties: &'a Value,
}

/// The body that tells the operator's own hook, which takes any size.
pub fn operator_body(fact: &Fact) -> Vec<u8> {
    bytes(&ForOperator {
        id: fact.event.get(),
        event_name: &fact.name,
        occurred_at: fact.occurred_at,
        organization_id: fact.organization.get(),
        user_id: fact.user.map(crate::kernel::ids::UserId::get),
        entity_type: &fact.entity_type,
        entity_id: fact.entity_id,
        correlation_id: &fact.correlation,
        source: &fact.source,
        schema_version: fact.schema_version,
        properties: &fact.properties,
    })
}

fn bytes(payload: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(payload).expect("a payload is plain data")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::{EventId, UserId};
    use proptest::prelude::*;

    fn fact(properties: Value) -> Fact {
        Fact {
            organization: OrganizationId::new(3),
            event: EventId::new(41),
            recorded_at: DateTime::UNIX_EPOCH,
            name: "batch_completed".to_owned(),
            schema_version: 1,
            occurred_at: "2026-11-21T12:30:00.123456Z".parse().unwrap(),
            user: Some(UserId::new(9)),
            entity_type: "batch".to_owned(),
            entity_id: 17,
            correlation: "req-1".to_owned(),
            traceparent: None,
            source: "app".to_owned(),
            properties,
        }
    }

    fn read(body: &[u8]) -> Value {
        serde_json::from_slice(body).unwrap()
    }

    #[test]
    fn an_endpoint_is_told_what_happened() {
        let told = read(&body(&fact(json!({ "label_code": "SOAP-7" }))));
        assert_eq!(
            told,
            json!({
                "type": "batch_completed",
                "timestamp": "2026-11-21T12:30:00.123456Z",
                "data": {
                    "id": 41, "organization_id": 3, "user_id": 9, "entity_type": "batch",
                    "entity_id": 17, "correlation_id": "req-1", "schema_version": 1,
                    "properties": { "label_code": "SOAP-7" },
                },
            })
        );
    }

    #[test]
    fn the_operator_is_told_in_the_form_of_old() {
        let told = read(&operator_body(&fact(json!({ "label_code": "SOAP-7" }))));
        assert_eq!(
            told,
            json!({
                "id": 41, "event_name": "batch_completed", "occurred_at": "2026-11-21T12:30:00.123456Z",
                "organization_id": 3, "user_id": 9, "entity_type": "batch", "entity_id": 17,
                "correlation_id": "req-1", "source": "app", "schema_version": 1,
                "properties": { "label_code": "SOAP-7" },
            })
        );
    }

    #[test]
    fn what_is_too_large_is_told_without_its_properties() {
        let told = body(&fact(json!({ "notes": "x".repeat(MOST_BYTES) })));
        assert!(told.len() < MOST_BYTES);
        let told = read(&told);
        assert_eq!(told["data"]["truncated"], json!(true));
        assert_eq!(told["data"]["entity_id"], json!(17));
        assert!(told["data"].get("properties").is_none());
    }

    proptest! {
        #[test]
        fn no_body_is_too_large_and_each_is_made_the_same_again(notes in ".{0,8000}", many in 0_usize..4) {
            let fact = fact(json!({ "notes": vec![notes; many] }));
            let first = body(&fact);
            prop_assert!(first.len() < MOST_BYTES);
            prop_assert_eq!(first, body(&fact));
        }
    }
}
