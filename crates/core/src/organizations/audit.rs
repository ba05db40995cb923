//! Who did what in an organisation, beside its ledger: each line in the transaction of its effect.
//! What becomes of stock, recipes and batches is told by the ledger and the events.
use crate::{
    kernel::{
        StoreError,
        ids::{OrganizationId, UserId},
        words::words,
    },
    platform::{OrgTx, SystemTx},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::net::IpAddr;

use super::queries::audit as queries;
pub use super::queries::audit::entries;

words! {
    /// What was done. docs/AUDIT.md lists them.
    pub enum Act {
        OrganizationFounded = "organization.founded",
        OrganizationChanged = "organization.changed",
        OwnershipTransferred = "organization.ownership_transferred",
        TierChanged = "organization.tier_changed",
        OrganizationSuspended = "organization.suspended",
        OrganizationActivated = "organization.activated",
        FlagChanged = "organization.flag_changed",
        InvitationSent = "invitations.sent",
        InvitationResent = "invitations.resent",
        InvitationWithdrawn = "invitations.withdrawn",
        InvitationDeclined = "invitations.declined",
        MemberJoined = "members.joined",
        MemberRolesChanged = "members.roles_changed",
        MemberDeactivated = "members.deactivated",
        MemberReactivated = "members.reactivated",
        MemberRemoved = "members.removed",
        MemberLeft = "members.left",
        RoleCreated = "roles.created",
        RoleChanged = "roles.changed",
        RoleDeleted = "roles.deleted",
        OperatorEntered = "operator.entered",
        OperatorActed = "operator.acted",
        OperatorLeft = "operator.left",
    }
}

impl Act {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OrganizationFounded => "Organisation founded",
            Self::OrganizationChanged => "Settings changed",
            Self::OwnershipTransferred => "Ownership handed over",
            Self::TierChanged => "Plan changed",
            Self::OrganizationSuspended => "Organisation suspended",
            Self::OrganizationActivated => "Organisation opened again",
            Self::FlagChanged => "Feature switched",
            Self::InvitationSent => "Invited",
            Self::InvitationResent => "Invited again",
            Self::InvitationWithdrawn => "Invitation withdrawn",
            Self::InvitationDeclined => "Invitation declined",
            Self::MemberJoined => "Joined",
            Self::MemberRolesChanged => "Roles changed",
            Self::MemberDeactivated => "Member deactivated",
            Self::MemberReactivated => "Member re-activated",
            Self::MemberRemoved => "Member removed",
            Self::MemberLeft => "Left",
            Self::RoleCreated => "Role made",
            Self::RoleChanged => "Role changed",
            Self::RoleDeleted => "Role deleted",
            Self::OperatorEntered => "Operator began to act",
            Self::OperatorActed => "Operator acted",
            Self::OperatorLeft => "Operator stopped acting",
        }
    }
}

/// A line to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub(super) act: Act,
    pub(super) subject: String,
    pub(super) subject_id: Option<i64>,
    pub(super) details: Value,
}

impl Line {
    /// `subject` is to whom or what it was done, as people call it.
    pub fn new(act: Act, subject: impl Into<String>) -> Self {
        Self {
            act,
            subject: subject.into(),
            subject_id: None,
            details: json!({}),
        }
    }

    #[must_use]
    pub fn about(self, id: i64) -> Self {
        Self {
            subject_id: Some(id),
            ..self
        }
    }

    /// What was changed, from what to what: a JSON object, never with a secret.
    #[must_use]
    pub fn with(self, details: Value) -> Self {
        Self { details, ..self }
    }
}

/// Who does something before or beyond the fence of an organisation, and from where.
#[derive(Debug, Clone, Default)]
pub struct By {
    pub user: Option<UserId>,
    /// What to call them where they have no account, such as the command on some machine.
    pub name: Option<String>,
    /// Of an operator, why they do it.
    pub operator: Option<OperatorReason>,
    pub client: Option<IpAddr>,
    pub correlation: String,
}

/// An operator who does something to an organisation.
#[derive(Debug, Clone, Default)]
pub struct OperatorReason {
    /// None for the command.
    pub user: Option<UserId>,
    pub reason: Option<String>,
}

/// One line of what was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub id: i64,
    pub at: DateTime<Utc>,
    /// None for a program, and for what happened by itself.
    pub user: Option<UserId>,
    /// As they were called then.
    pub actor: String,
    /// Whether an operator of the installation did it, acting as the organisation or beyond it.
    pub by_operator: bool,
    /// Why, where an operator did it.
    pub reason: Option<String>,
    /// A word of [`Act`], or of a newer program's.
    pub act: String,
    /// To whom or what, as it was called then.
    pub subject: String,
    pub subject_id: Option<i64>,
    /// A JSON object.
    pub details: Value,
    /// The address that they came from.
    pub client: Option<String>,
    pub correlation: String,
}

impl Entry {
    /// What was done, for people.
    pub fn label(&self) -> &str {
        match self.act.parse::<Act>() {
            Ok(act) => act.label(),
            Err(_) => &self.act,
        }
    }
}

/// What to look for among the lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// In the names of who did it and of what was done to, and in reasons.
    pub words: Option<String>,
    pub person: Option<UserId>,
    pub act: Option<Act>,
    pub from: Option<DateTime<Utc>>,
    /// Until before.
    pub until: Option<DateTime<Utc>>,
}

/// Writes a line with this unit of work, in the name of whoever it belongs to.
pub async fn note(tx: &mut OrgTx, line: Line) -> Result<(), StoreError> {
    queries::note(tx, line).await
}

/// The same for work beyond tenants.
pub async fn note_for_system(
    tx: &mut SystemTx,
    organization: OrganizationId,
    by: &By,
    line: Line,
) -> Result<(), StoreError> {
    queries::note_for_system(tx, organization, by, line).await
}
