//! Work for the dispatcher.
use crate::{
    jobs::{Job, Queue},
    kernel::ids::{EventId, OrganizationId, WebhookDeliveryId, WebhookEndpointId, WebhookReplayId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The next attempt of one delivery. When and how often is the delivery's own affair: a receiver that
/// is down is no failure of the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliver {
    pub organization: OrganizationId,
    pub endpoint: WebhookEndpointId,
    pub delivery: WebhookDeliveryId,
    /// When it was planned, to the microsecond: the day it is kept under.
    pub day: DateTime<Utc>,
}

impl Job for Deliver {
    const KIND: &'static str = "webhooks.deliver.v1";
    const QUEUE: Queue = Queue::Webhooks;
    const MAX_ATTEMPTS: i32 = 25;

    /// A slow receiver holds up no other.
    fn lane(&self) -> Option<String> {
        Some(format!("endpoint:{}", self.endpoint))
    }
}

/// One event for the operator's own hook (`DOMAIN_EVENT_WEBHOOK_URL`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellOperator {
    pub organization: OrganizationId,
    pub event: EventId,
    pub recorded_at: DateTime<Utc>,
}

impl Job for TellOperator {
    const KIND: &'static str = "webhooks.operator.v1";
    const QUEUE: Queue = Queue::Webhooks;
    /// With the backoff of all jobs, over about a day.
    const MAX_ATTEMPTS: i32 = 12;

    fn lane(&self) -> Option<String> {
        Some("operator".to_owned())
    }
}

/// The next stretch of a replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendAgain {
    pub organization: OrganizationId,
    pub replay: WebhookReplayId,
}

impl Job for SendAgain {
    const KIND: &'static str = "webhooks.replay.v1";
    const QUEUE: Queue = Queue::Bulk;
    const MAX_ATTEMPTS: i32 = 25;

    fn unique_key(&self) -> Option<String> {
        Some(self.replay.to_string())
    }
}
