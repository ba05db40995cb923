use crate::kernel::{
    ids::{EventId, OrganizationId, WebhookEndpointId},
    words::words,
};
use chrono::{DateTime, Utc};

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
