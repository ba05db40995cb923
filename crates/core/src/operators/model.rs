use crate::kernel::{
    ids::{EventId, OperatorStayId, OrganizationId, UserId, WebhookEndpointId},
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
        TierOfOrganizationChanged = "organizations.tier_changed",
        OrganizationSuspended = "organizations.suspended",
        OrganizationActivated = "organizations.activated",
        OrganizationEntered = "organizations.entered",
        OrganizationLeft = "organizations.left",
        ActedAsOrganization = "organizations.acted",
        FlagChanged = "flags.changed",
        TierChanged = "tiers.changed",
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
    /// Of what concerned one organisation.
    pub organization: Option<OrganizationId>,
    pub reason: Option<String>,
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

/// An organisation as operators see it: nothing of what it makes.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct OrganizationCard {
    pub id: OrganizationId,
    pub name: String,
    pub contact_email: Option<String>,
    pub created_at: DateTime<Utc>,
    pub is_active: bool,
    /// Why it is closed, if it is.
    pub suspended_for: Option<String>,
    /// The key of its tier, and what people call that.
    pub tier: String,
    pub tier_name: String,
    pub active_members: i64,
    /// The address of whoever owns it.
    pub owner: Option<String>,
}

/// How much there is of what an organisation keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Counts {
    pub members: i64,
    pub open_invitations: i64,
    pub items: i64,
    pub recipes: i64,
    pub products: i64,
    pub batches: i64,
}

/// An operator acting as an organisation at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Stay {
    pub id: OperatorStayId,
    pub organization: OrganizationId,
    pub organization_name: String,
    pub reason: String,
    pub begun_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// Something that can be switched on and off.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct FlagRow {
    pub key: String,
    pub description: String,
    /// Where nothing else is said.
    pub is_on: bool,
    /// What is said for the organisation that was asked about.
    pub of_organization: Option<bool>,
    /// Organisations for which something else is said.
    pub exceptions: i64,
}
