//! Requests and answers of `/api/v1/members`, `invitations`, `roles` and `audit-entries`.
use crate::{problem::Problem, wire};
use batchtrack_core::{
    kernel::{
        ids::{RoleId, UserId},
        text::Email,
    },
    organizations::{
        Invitation, Member, Named, NewInvitation, NewRole, RoleChange, RoleInUse,
        audit::{Act, Entry, Filter},
    },
    tiers::{Permission, Permissions},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// A role by its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleRef {
    pub id: i64,
    #[schema(example = "Maker")]
    pub name: String,
}

impl RoleRef {
    fn all(roles: Vec<Named>) -> Vec<Self> {
        roles
            .into_iter()
            .map(|role| Self {
                id: role.id.get(),
                name: role.name,
            })
            .collect()
    }
}

/// Somebody who belongs to the organisation, active or not.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberOut {
    /// Of the person.
    pub id: i64,
    #[schema(example = "Ana Maker")]
    pub name: String,
    pub username: String,
    pub email: String,
    pub is_owner: bool,
    /// Whoever isn't keeps their place, but may do nothing and takes no seat.
    pub is_active: bool,
    /// By name. The owner needs none.
    pub roles: Vec<RoleRef>,
    pub joined_at: DateTime<Utc>,
    pub last_login_at: Option<DateTime<Utc>>,
}

impl MemberOut {
    pub(super) fn of(member: Member) -> Self {
        Self {
            id: member.user.get(),
            name: member.name,
            username: member.username,
            email: member.email,
            is_owner: member.is_owner,
            is_active: member.is_active,
            roles: RoleRef::all(member.roles),
            joined_at: member.joined_at,
            last_login_at: member.last_login_at,
        }
    }
}

/// What to change about a member; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberChangeIn {
    /// Ids of exactly the roles to have: at least one, and none that allows more than you may yourself.
    pub roles: Option<Vec<i64>>,
    /// `false` shuts them out and frees their seat; `true` lets them in again, where there is one.
    pub is_active: Option<bool>,
}

/// Somebody to ask to join.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitationIn {
    #[schema(example = "ben@example.com")]
    pub email: String,
    /// Ids of the roles that they will have: at least one.
    pub roles: Vec<i64>,
}

impl NewInvitationIn {
    pub(super) fn into_domain(self) -> Result<NewInvitation, Problem> {
        let email: Email = self.email.parse().map_err(|_not_an_address| {
            let detail = "Enter an e-mail address such as ana@example.com.";
            Problem::invalid("request.bad_text", detail).field("email", detail)
        })?;
        Ok(NewInvitation {
            email,
            roles: role_ids(self.roles),
        })
    }
}

pub(super) fn role_ids(ids: Vec<i64>) -> Vec<RoleId> {
    ids.into_iter().map(RoleId::new).collect()
}

/// Somebody who was asked to join. The letter's link is told by the letter alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationOut {
    pub id: i64,
    pub email: String,
    /// `open`, `accepted`, `declined`, `withdrawn` or `expired`.
    #[schema(example = "open")]
    pub state: &'static str,
    /// Who asked, as they were called then.
    pub invited_by: String,
    pub roles: Vec<RoleRef>,
    pub created_at: DateTime<Utc>,
    /// Of the latest letter.
    pub sent_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl InvitationOut {
    pub(super) fn of(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.get(),
            email: invitation.email,
            state: invitation.state.as_str(),
            invited_by: invitation.inviter,
            roles: RoleRef::all(invitation.roles),
            created_at: invitation.created_at,
            sent_at: invitation.sent_at,
            expires_at: invitation.expires_at,
        }
    }
}

/// A role to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoleIn {
    #[schema(example = "Packer")]
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// Words of the catalogue of permissions (docs/ROLES.md), none that you don't have yourself.
    #[schema(example = json!(["inventory.view", "products.view"]))]
    pub permissions: Vec<String>,
}

impl NewRoleIn {
    pub(super) fn into_domain(self) -> Result<NewRole, Problem> {
        Ok(NewRole {
            name: role_name(&self.name)?,
            description: description(&self.description)?,
            permissions: permissions(&self.permissions)?,
        })
    }
}

/// What to change about a role; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChangeIn {
    pub name: Option<String>,
    pub description: Option<String>,
    /// All that it is to allow. What you don't have yourself stays as it is.
    pub permissions: Option<Vec<String>>,
}

impl RoleChangeIn {
    pub(super) fn into_domain(self) -> Result<RoleChange, Problem> {
        Ok(RoleChange {
            name: self.name.as_deref().map(role_name).transpose()?,
            description: self.description.as_deref().map(description).transpose()?,
            permissions: self.permissions.as_deref().map(permissions).transpose()?,
        })
    }
}

fn role_name(text: &str) -> Result<batchtrack_core::organizations::RoleName, Problem> {
    text.parse().map_err(|error| {
        let detail = format!("“name” {error}.");
        Problem::invalid("request.bad_text", detail.clone()).field("name", detail)
    })
}

fn description(text: &str) -> Result<String, Problem> {
    Ok(wire::line("description", Some(text), 300)?.unwrap_or_default())
}

fn permissions(words: &[String]) -> Result<Permissions, Problem> {
    let each = words.iter().enumerate().map(|(nth, word)| {
        word.parse::<Permission>().map_err(|_unknown| {
            let detail = format!("There is no permission called “{word}”.");
            Problem::invalid("request.invalid", detail.clone())
                .field(format!("permissions[{nth}]"), detail)
        })
    });
    each.collect()
}

/// A set of things that its members may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleOut {
    pub id: i64,
    #[schema(example = "Maker")]
    pub name: String,
    pub description: String,
    /// Whether it came with the organisation: then it can't be changed or deleted.
    pub is_system: bool,
    /// As far as the organisation's plan goes.
    #[schema(example = json!(["inventory.view", "batches.create"]))]
    pub permissions: Vec<&'static str>,
    /// How many members have it, and how many open invitations give it.
    pub members: i64,
    pub open_invitations: i64,
}

impl RoleOut {
    pub(super) fn of(found: RoleInUse) -> Self {
        Self {
            id: found.role.id.get(),
            name: found.role.name,
            description: found.role.description,
            is_system: found.role.system.is_some(),
            permissions: found.role.permissions.words(),
            members: found.members,
            open_invitations: found.open_invitations,
        }
    }
}

/// One line of who did what.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntryOut {
    pub id: i64,
    pub at: DateTime<Utc>,
    /// As docs/AUDIT.md lists them.
    #[schema(example = "members.removed")]
    pub act: String,
    /// The person's id; `null` for a program, and for what happened by itself.
    pub user_id: Option<i64>,
    /// As they were called then.
    pub actor: String,
    /// Whether it was an operator of the installation.
    pub by_operator: bool,
    /// Why, where an operator did it.
    pub reason: Option<String>,
    /// To whom or what, as it was called then.
    pub subject: String,
    pub subject_id: Option<i64>,
    /// What was changed, from what to what.
    #[schema(value_type = Object)]
    pub details: Value,
    /// The address that they came from.
    pub client: Option<String>,
    pub request_id: String,
}

impl AuditEntryOut {
    pub(super) fn of(entry: Entry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            act: entry.act,
            user_id: entry.user.map(UserId::get),
            actor: entry.actor,
            by_operator: entry.by_operator,
            reason: entry.reason,
            subject: entry.subject,
            subject_id: entry.subject_id,
            details: entry.details,
            client: entry.client,
            request_id: entry.correlation,
        }
    }
}

/// Which members.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MembersIn {
    /// In names and addresses.
    pub q: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 200.
    pub limit: Option<u16>,
}

/// Which part of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PartIn {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 200.
    pub limit: Option<u16>,
}

/// Which lines of who did what.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditIn {
    /// In names and reasons.
    pub q: Option<String>,
    pub user_id: Option<i64>,
    /// As docs/AUDIT.md lists them.
    pub act: Option<String>,
    pub from: Option<DateTime<Utc>>,
    /// Until before.
    pub to: Option<DateTime<Utc>>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 200.
    pub limit: Option<u16>,
}

impl AuditIn {
    pub(super) fn filter(&self) -> Result<Filter, Problem> {
        let act = match wire::filled(self.act.as_deref()) {
            None => None,
            Some(word) => Some(word.parse::<Act>().map_err(|_unknown| {
                let detail = format!("There is no act called “{word}”.");
                Problem::malformed("request.bad_query", detail.clone()).field("act", detail)
            })?),
        };
        Ok(Filter {
            words: wire::search(self.q.as_deref()),
            person: self.user_id.map(UserId::new),
            act,
            from: self.from,
            until: self.to,
        })
    }
}
