use crate::kernel::{
    ids::{EventId, OrganizationId, UserId, WebhookDeliveryId, WebhookEndpointId, WebhookReplayId},
    words::words,
};
use chrono::{DateTime, Utc};
use diesel::Queryable;
use serde_json::Value;

words! {
    /// Whether deliveries are made.
    pub enum EndpointState {
        Enabled = "enabled",
        Disabled = "disabled",
    }
}

words! {
    /// Who or what put an endpoint out of service.
    pub enum DisabledReason {
        ByOwner = "by_owner",
        /// Nothing but failures for days.
        Failing = "failing",
        /// It answered 410.
        Gone = "gone",
    }
}

words! {
    /// Why a delivery was planned.
    pub enum Cause {
        Event = "event",
        Replay = "replay",
        Test = "test",
    }
}

words! {
    /// How far a delivery has come.
    pub enum DeliveryState {
        Pending = "pending",
        Delivered = "delivered",
        /// The last attempt failed; only a replay sends it again.
        Failed = "failed",
        /// Its endpoint was deleted or disabled before an attempt succeeded.
        Cancelled = "cancelled",
    }
}

/// An endpoint that deliveries are made to, and what it wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    pub organization: OrganizationId,
    pub endpoint: WebhookEndpointId,
    /// Names of events; none means all.
    pub events: Vec<String>,
}

impl Interest {
    pub fn wants(&self, event: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|name| name == event)
    }
}

/// A delivery to be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    pub organization: OrganizationId,
    pub endpoint: WebhookEndpointId,
    pub event: EventId,
    pub recorded_at: DateTime<Utc>,
    pub event_name: String,
    /// The request that caused the event.
    pub correlation: String,
    /// Its trace (W3C), where there is one.
    pub traceparent: Option<String>,
}

/// An address that events are sent to, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Endpoint {
    pub id: WebhookEndpointId,
    pub url: String,
    pub description: String,
    pub events: Vec<String>,
    pub state: EndpointState,
    pub disabled_reason: Option<DisabledReason>,
    pub disabled_at: Option<DateTime<Utc>>,
    pub failing_since: Option<DateTime<Utc>>,
    pub last_delivered_at: Option<DateTime<Utc>>,
    pub throttled_until: Option<DateTime<Utc>>,
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
}

/// How an endpoint's latest deliveries went; see [`super::RECENT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recent {
    pub delivered: i64,
    pub failed: i64,
    pub pending: i64,
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Delivery {
    pub id: WebhookDeliveryId,
    pub created_at: DateTime<Utc>,
    pub endpoint: WebhookEndpointId,
    pub endpoint_url: String,
    pub event: Option<EventId>,
    pub event_recorded_at: Option<DateTime<Utc>>,
    pub event_name: String,
    pub message_id: String,
    pub cause: Cause,
    pub state: DeliveryState,
    pub attempts: i32,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub last_status: Option<i32>,
    pub last_error: Option<String>,
}

/// What was sent and what came back.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Attempt {
    pub number: i32,
    pub started_at: DateTime<Utc>,
    pub duration_us: i64,
    pub url: String,
    /// Names and values, in the order they were sent in.
    pub request_headers: Value,
    pub status: Option<i32>,
    pub answer_headers: Option<Value>,
    /// The beginning of it.
    pub answer_body: Option<String>,
    /// What went wrong, for people.
    pub error: Option<String>,
}

/// Which deliveries to list.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub endpoint: Option<WebhookEndpointId>,
    pub state: Option<DeliveryState>,
    pub event_name: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// Sending again what was recorded in a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Replay {
    pub id: WebhookReplayId,
    pub endpoint: Option<WebhookEndpointId>,
    pub event_name: Option<String>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Only what failed or was cancelled, and has not arrived since.
    pub only_unmet: bool,
    pub created_at: DateTime<Utc>,
    /// Deliveries planned so far.
    pub planned: i64,
    pub finished_at: Option<DateTime<Utc>>,
}

/// What to send again. Left out: every endpoint that is enabled, every event it listens to, all that
/// is kept.
#[derive(Debug, Clone, Default)]
pub struct NewReplay {
    pub endpoint: Option<WebhookEndpointId>,
    pub event_name: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub only_unmet: bool,
}

/// An endpoint to be made, as it was typed.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    pub url: String,
    pub description: String,
    /// Names of events; none means all.
    pub events: Vec<String>,
}

/// What to change of an endpoint; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub url: Option<String>,
    pub description: Option<String>,
    pub events: Option<Vec<String>>,
    pub state: Option<EndpointState>,
}
