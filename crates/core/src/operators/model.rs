use crate::kernel::{
    ids::{EventId, OrganizationId, UserId, WebhookEndpointId},
    words::words,
};
use chrono::{DateTime, Utc};
use diesel::Queryable;

words! {
    /// What an operator did.
    pub enum Act {
        OperatorAdded = "operator.added",
        OperatorRemoved = "operator.removed",
        JobsRetried = "jobs.retried",
        JobsDiscarded = "jobs.discarded",
        EventsReplayed = "events.replayed",
        SuppressionLifted = "mail.suppression_lifted",
    }
}

/// Who does it: somebody signed in, or the command on some machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub user: Option<UserId>,
    /// An address, or account@machine.
    pub name: String,
    /// The request, as in the logs.
    pub correlation: String,
}

/// One line of what operators did.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Entry {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub user: Option<UserId>,
    pub actor: String,
    pub act: Act,
    /// To whom or what.
    pub subject: String,
    pub how_many: i64,
    pub correlation: String,
}

/// What came of making somebody an operator, or of ending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appointed {
    Changed,
    /// It was so already.
    AsBefore,
}

/// An event that the operator's own hook did not take in the end.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct GivenUp {
    pub organization: OrganizationId,
    pub event: EventId,
    pub recorded_at: DateTime<Utc>,
    /// Nothing once the event is no longer kept.
    pub event_name: Option<String>,
    pub error: String,
    pub failed_at: DateTime<Utc>,
    pub attempts: i32,
    /// It is on its way again.
    pub is_under_way: bool,
}

/// What was recorded from one moment until before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Of one organisation only.
    pub organization: Option<OrganizationId>,
    /// To one endpoint only.
    pub endpoint: Option<WebhookEndpointId>,
    /// Only what did not arrive.
    pub only_unmet: bool,
}

/// What was asked to be sent again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Deliveries to endpoints.
    pub deliveries: usize,
    /// Events for the operator's own hook.
    pub to_hook: i64,
    /// Of those for the hook, that were on their way already.
    pub under_way: i64,
}
