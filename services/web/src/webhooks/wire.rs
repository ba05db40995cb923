//! Requests and answers of `/api/v1/webhook-…`.
use crate::problem::Problem;
use batchtrack_core::{
    kernel::ids::WebhookEndpointId,
    outbox::{Category, Event},
    webhooks::{
        Attempt, Change, Delivery, DeliveryState, DisabledReason, Endpoint, EndpointState,
        NewEndpoint, NewReplay, Recent, Replay, TEST, Wanted, WebhookError,
    },
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};

/// An address that events are to be sent to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEndpointIn {
    /// On the public internet, unless the operator allows more. https, please.
    #[schema(example = "https://example.com/hooks/batchtrack")]
    pub url: String,
    #[serde(default)]
    #[schema(example = "Our shop")]
    pub description: String,
    /// Names of events, as of `GET /api/v1/webhook-events`. Left out or empty: all, new ones included.
    #[serde(default)]
    #[schema(example = json!(["batch_completed", "sku_sold"]))]
    pub events: Vec<String>,
}

impl NewEndpointIn {
    pub(super) fn into_domain(self) -> NewEndpoint {
        NewEndpoint {
            url: self.url,
            description: self.description,
            events: self.events,
        }
    }
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointChangeIn {
    pub url: Option<String>,
    pub description: Option<String>,
    pub events: Option<Vec<String>>,
    /// `enabled` or `disabled`. Deliveries under way to an endpoint that is disabled are cancelled.
    #[schema(example = "enabled")]
    pub state: Option<String>,
}

impl EndpointChangeIn {
    pub(super) fn into_domain(self) -> Result<Change, Problem> {
        Ok(Change {
            url: self.url,
            description: self.description,
            events: self.events,
            state: word::<EndpointState>("state", self.state.as_deref())?,
        })
    }
}

/// An address that events are sent to.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointOut {
    pub id: i64,
    pub url: String,
    pub description: String,
    /// Empty: all.
    pub events: Vec<String>,
    /// `enabled` or `disabled`.
    #[schema(example = "enabled")]
    pub state: &'static str,
    /// `by_owner`, `failing` (nothing but failures for five days) or `gone` (it answered 410).
    pub disabled_reason: Option<&'static str>,
    pub disabled_at: Option<DateTime<Utc>>,
    /// Since when every attempt has failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// To some seconds.
    pub last_delivered_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub recent: RecentOut,
}

/// How the latest deliveries went: up to a hundred, tests left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentOut {
    pub delivered: i64,
    pub failed: i64,
    pub pending: i64,
}

impl EndpointOut {
    pub(super) fn of(endpoint: Endpoint, recent: Recent) -> Self {
        Self {
            id: endpoint.id.get(),
            url: endpoint.url,
            description: endpoint.description,
            events: endpoint.events,
            state: endpoint.state.as_str(),
            disabled_reason: endpoint.disabled_reason.map(DisabledReason::as_str),
            disabled_at: endpoint.disabled_at,
            failing_since: endpoint.failing_since,
            last_delivered_at: endpoint.last_delivered_at,
            created_at: endpoint.created_at,
            recent: RecentOut {
                delivered: recent.delivered,
                failed: recent.failed,
                pending: recent.pending,
            },
        }
    }
}

/// A new endpoint and its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointCreatedOut {
    #[serde(flatten)]
    pub endpoint: EndpointOut,
    /// Shown this once: `null` when the answer is replayed. Signs deliveries (Standard Webhooks, v1).
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Option<String>,
}

/// A new secret of an endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecretOut {
    pub endpoint_id: i64,
    /// Shown this once: `null` when the answer is replayed.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Option<String>,
    /// Until then deliveries are signed with the former secret as well.
    pub former_expires_at: DateTime<Utc>,
}

/// One event on its way to one endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryOut {
    pub id: i64,
    pub endpoint_id: i64,
    /// `null` for a test.
    pub event_id: Option<i64>,
    #[schema(example = "batch_completed")]
    pub event_type: String,
    /// In the header `webhook-id`: the same for every attempt and every replay of an event.
    #[schema(example = "evt_41")]
    pub message_id: String,
    /// `event`, `replay` or `test`.
    #[schema(example = "event")]
    pub cause: &'static str,
    /// `pending`, `delivered`, `failed` or `cancelled`.
    #[schema(example = "delivered")]
    pub state: &'static str,
    pub attempts: i32,
    pub created_at: DateTime<Utc>,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// The HTTP status of the latest answer.
    pub last_status: Option<i32>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

impl DeliveryOut {
    pub(super) fn of(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.get(),
            endpoint_id: delivery.endpoint.get(),
            event_id: delivery
                .event
                .map(batchtrack_core::kernel::ids::EventId::get),
            event_type: delivery.event_name.clone(),
            message_id: delivery.message_id.clone(),
            cause: delivery.cause.as_str(),
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            next_attempt_at: delivery.next_attempt_at,
            finished_at: delivery.finished_at,
            last_status: delivery.last_status,
            last_error: delivery.last_error.clone(),
        }
    }
}

/// A delivery with all that was tried for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryDetailOut {
    #[serde(flatten)]
    pub delivery: DeliveryOut,
    /// What is sent, as text; `null` when the event is no longer kept.
    pub body: Option<String>,
    pub tries: Vec<AttemptOut>,
}

/// One attempt: what was sent and what came back.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptOut {
    pub number: i32,
    pub started_at: DateTime<Utc>,
    pub duration_us: i64,
    pub url: String,
    /// Pairs of name and value.
    #[schema(value_type = Vec<Vec<String>>)]
    pub request_headers: Value,
    pub status: Option<i32>,
    #[schema(value_type = Option<Vec<Vec<String>>>)]
    pub answer_headers: Option<Value>,
    /// Its first 4 kB.
    pub answer_body: Option<String>,
    pub error: Option<String>,
}

impl AttemptOut {
    pub(super) fn of(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            started_at: attempt.started_at,
            duration_us: attempt.duration_us,
            url: attempt.url,
            request_headers: attempt.request_headers,
            status: attempt.status,
            answer_headers: attempt.answer_headers,
            answer_body: attempt.answer_body,
            error: attempt.error,
        }
    }
}

/// What to send again: all that was recorded in a stretch of time and is still kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayIn {
    /// Left out: every endpoint that is enabled.
    pub endpoint_id: Option<i64>,
    /// Left out: every event that the endpoint listens to.
    #[schema(example = "batch_completed")]
    pub event_type: Option<String>,
    /// Left out: as far back as the log reaches.
    pub from: Option<DateTime<Utc>>,
    /// Left out: until now.
    pub to: Option<DateTime<Utc>>,
    /// Only what failed or was cancelled, and has not arrived since.
    #[serde(default)]
    pub only_unmet: bool,
}

impl ReplayIn {
    pub(super) fn into_domain(self) -> NewReplay {
        NewReplay {
            endpoint: self.endpoint_id.map(WebhookEndpointId::new),
            event_name: self.event_type,
            from: self.from,
            to: self.to,
            only_unmet: self.only_unmet,
        }
    }
}

/// How far a replay has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayOut {
    pub id: i64,
    pub endpoint_id: Option<i64>,
    pub event_type: Option<String>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub only_unmet: bool,
    pub created_at: DateTime<Utc>,
    /// Deliveries planned so far.
    pub planned: i64,
    /// When the last of them was planned.
    pub finished_at: Option<DateTime<Utc>>,
}

impl ReplayOut {
    pub(super) fn of(replay: Replay) -> Self {
        Self {
            id: replay.id.get(),
            endpoint_id: replay.endpoint.map(WebhookEndpointId::get),
            event_type: replay.event_name,
            from: replay.from,
            to: replay.to,
            only_unmet: replay.only_unmet,
            created_at: replay.created_at,
            planned: replay.planned,
            finished_at: replay.finished_at,
        }
    }
}

/// An event that endpoints may listen to.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventTypeOut {
    #[schema(example = "batch_completed")]
    pub name: &'static str,
    #[schema(example = "batches")]
    pub category: &'static str,
    /// What `data.entity_id` is the id of.
    #[schema(example = "batch")]
    pub entity_type: &'static str,
    pub schema_version: i16,
    /// Properties that it always carries.
    pub properties: &'static [&'static str],
}

impl EventTypeOut {
    pub(super) fn of(event: Event) -> Self {
        let entry = event.entry();
        Self {
            name: event.as_str(),
            category: Category::as_str(entry.category),
            entity_type: entry.entity_type,
            schema_version: entry.version,
            properties: entry.required,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeliveriesQuery {
    pub endpoint_id: Option<i64>,
    /// `pending`, `delivered`, `failed` or `cancelled`.
    pub state: Option<String>,
    pub event_type: Option<String>,
    /// Planned at or after.
    pub from: Option<DateTime<Utc>>,
    /// Planned before.
    pub to: Option<DateTime<Utc>>,
    /// 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl DeliveriesQuery {
    pub(super) fn wanted(&self) -> Result<Wanted, Problem> {
        Ok(Wanted {
            endpoint: self.endpoint_id.map(WebhookEndpointId::new),
            state: word::<DeliveryState>("state", self.state.as_deref())?,
            event_name: event_name(self.event_type.as_deref())?,
            from: self.from,
            to: self.to,
        })
    }
}

/// The name of an event, or of tests.
pub(super) fn event_name(text: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(text) = crate::wire::filled(text) else {
        return Ok(None);
    };
    if text != TEST && text.parse::<Event>().is_err() {
        let shown = text.chars().filter(|c| !c.is_control()).take(64).collect();
        return Err(WebhookError::UnknownEvent(shown).into());
    }
    Ok(Some(text.to_owned()))
}

/// A word of a closed set that may be left out.
pub(super) fn word<W: FromStr<Err: std::fmt::Display>>(
    field: &'static str,
    text: Option<&str>,
) -> Result<Option<W>, Problem> {
    crate::wire::filled(text)
        .map(|text| {
            text.parse().map_err(|error: W::Err| {
                let detail = format!("“{field}” {error}.");
                Problem::invalid("request.invalid", detail.clone()).field(field, detail)
            })
        })
        .transpose()
}
