//! What the pages of the organisation show.
use crate::times::{Moment, Times};
use batchtrack_core::{
    kernel::ids::RoleId,
    organizations::{
        Because, Grants, Invitation, InvitationState, Member, Role, RoleInUse, Seats, Verdict,
        audit::Entry,
    },
    tiers::{Area, Permissions},
};
use serde_json::Value;

pub(super) struct EntryRow {
    pub(super) at: Moment,
    pub(super) label: String,
    pub(super) act: String,
    pub(super) actor: String,
    pub(super) by_operator: bool,
    pub(super) reason: String,
    pub(super) subject: String,
    /// Names and what stands behind them, in words.
    pub(super) details: Vec<(String, String)>,
    pub(super) client: String,
    pub(super) correlation: String,
}

impl EntryRow {
    pub(super) fn of(entry: Entry, times: &Times) -> Self {
        Self {
            at: times.moment(entry.at),
            label: entry.label().to_owned(),
            actor: entry.actor,
            by_operator: entry.by_operator,
            reason: entry.reason.unwrap_or_default(),
            subject: entry.subject,
            details: details(&entry.details),
            client: entry.client.unwrap_or_default(),
            correlation: entry.correlation,
            act: entry.act,
        }
    }
}

fn details(details: &Value) -> Vec<(String, String)> {
    let Some(members) = details.as_object() else {
        return Vec::new();
    };
    let shown = members.iter().filter(|(_, value)| !is_nothing(value));
    shown
        .map(|(name, value)| (name.replace('_', " "), words(value)))
        .collect()
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// A value as one reads it: lists with commas, changes with an arrow.
fn words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(members) => match (members.get("from"), members.get("to")) {
            (Some(from), Some(to)) => format!("{} → {}", words(from), words(to)),
            _ => value.to_string(),
        },
        other => other.to_string(),
    }
}

pub(super) struct MemberRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) username: String,
    pub(super) is_owner: bool,
    pub(super) is_active: bool,
    pub(super) is_you: bool,
    pub(super) roles: Vec<String>,
    pub(super) joined: Moment,
    pub(super) last_seen: Option<String>,
}

impl MemberRow {
    pub(super) fn of(member: Member, you: i64, times: &Times) -> Self {
        Self {
            id: member.user.get(),
            is_you: member.user.get() == you,
            name: member.name,
            email: member.email,
            username: member.username,
            is_owner: member.is_owner,
            is_active: member.is_active,
            roles: member.roles.into_iter().map(|role| role.name).collect(),
            joined: times.moment(member.joined_at),
            last_seen: member.last_login_at.map(|at| times.ago(at)),
        }
    }

    /// What they are, in a few words.
    pub(super) fn rank(&self) -> String {
        match (self.is_owner, self.roles.is_empty()) {
            (true, _) => "Owner".to_owned(),
            (false, true) => "No role".to_owned(),
            (false, false) => self.roles.join(", "),
        }
    }
}

pub(super) struct InvitationRow {
    pub(super) id: i64,
    pub(super) email: String,
    pub(super) state: &'static str,
    /// Whether it can be sent again or withdrawn.
    pub(super) is_unanswered: bool,
    pub(super) is_open: bool,
    pub(super) roles: String,
    pub(super) inviter: String,
    pub(super) sent: Moment,
    pub(super) expires: Moment,
}

impl InvitationRow {
    pub(super) fn of(invitation: Invitation, times: &Times) -> Self {
        let roles: Vec<_> = invitation.roles.into_iter().map(|role| role.name).collect();
        Self {
            id: invitation.id.get(),
            email: invitation.email,
            state: invitation.state.as_str(),
            is_open: invitation.state == InvitationState::Open,
            is_unanswered: matches!(
                invitation.state,
                InvitationState::Open | InvitationState::Expired
            ),
            roles: roles.join(", "),
            inviter: invitation.inviter,
            sent: times.moment(invitation.sent_at),
            expires: times.moment(invitation.expires_at),
        }
    }
}

/// Seats in words.
pub(super) fn seats(seats: Seats, tier: &str) -> String {
    match seats.limit {
        None => format!("{} belong or are invited. {tier} has no limit.", seats.used),
        Some(limit) => format!("{} of {limit} seats of {tier} are taken.", seats.used),
    }
}

/// A role to tick.
pub(super) struct RoleChoice {
    pub(super) id: RoleId,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) is_ticked: bool,
    /// Whether whoever looks may give it.
    pub(super) is_free: bool,
}

impl RoleChoice {
    pub(super) fn all(roles: Vec<RoleInUse>, ticked: &[RoleId], grants: &Grants) -> Vec<Self> {
        let choice = |found: RoleInUse| Self {
            id: found.role.id,
            is_ticked: ticked.contains(&found.role.id),
            is_free: found.role.permissions.minus(grants.roles) == Permissions::NONE,
            name: found.role.name,
            description: found.role.description,
        };
        roles.into_iter().map(choice).collect()
    }
}

pub(super) struct RoleRow {
    pub(super) id: RoleId,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) is_system: bool,
    pub(super) members: i64,
    pub(super) invitations: i64,
    pub(super) permissions: usize,
}

impl RoleRow {
    pub(super) fn of(found: RoleInUse) -> Self {
        Self {
            id: found.role.id,
            is_system: found.role.system.is_some(),
            permissions: found.role.permissions.iter().count(),
            name: found.role.name,
            description: found.role.description,
            members: found.members,
            invitations: found.open_invitations,
        }
    }
}

/// Permissions of one area to tick.
pub(super) struct AreaChoice {
    pub(super) title: &'static str,
    pub(super) permissions: Vec<PermissionChoice>,
}

pub(super) struct PermissionChoice {
    pub(super) word: &'static str,
    pub(super) label: &'static str,
    pub(super) is_ticked: bool,
    /// Whether whoever looks has it themselves, and may therefore give or take it.
    pub(super) is_free: bool,
    /// Whether the tier allows it to anybody.
    pub(super) is_in_tier: bool,
}

pub(super) fn areas(ticked: Permissions, grants: &Grants) -> Vec<AreaChoice> {
    let area = |area: Area| AreaChoice {
        title: area.label(),
        permissions: area
            .permissions()
            .map(|permission| PermissionChoice {
                word: permission.as_str(),
                label: permission.label(),
                is_ticked: ticked.contains(permission),
                is_free: grants.roles.contains(permission),
                is_in_tier: grants.allowance.permissions.contains(permission),
            })
            .collect(),
    };
    Area::ALL.iter().copied().map(area).collect()
}

/// What somebody may, by area, and why.
pub(super) struct AreaWhy {
    pub(super) title: &'static str,
    pub(super) verdicts: Vec<WhyRow>,
    pub(super) may: usize,
}

pub(super) struct WhyRow {
    pub(super) label: &'static str,
    pub(super) word: &'static str,
    pub(super) may: bool,
    pub(super) because: String,
}

pub(super) fn reasons(verdicts: &[Verdict], tier: &str) -> Vec<AreaWhy> {
    let area = |area: Area| {
        let rows: Vec<_> = verdicts
            .iter()
            .filter(|verdict| verdict.permission.area() == area)
            .map(|verdict| WhyRow {
                label: verdict.permission.label(),
                word: verdict.permission.as_str(),
                may: verdict.may(),
                because: because(&verdict.because, tier),
            })
            .collect();
        AreaWhy {
            title: area.label(),
            may: rows.iter().filter(|row| row.may).count(),
            verdicts: rows,
        }
    };
    Area::ALL.iter().copied().map(area).collect()
}

fn because(because: &Because, tier: &str) -> String {
    match because {
        Because::Owner => "Owns the organisation".to_owned(),
        Because::Roles(names) if names.len() == 1 => format!("Role {}", names.join("")),
        Because::Roles(names) => format!("Roles {}", names.join(", ")),
        Because::NotInTier(tiers) if tiers.is_empty() => format!("Not part of {tier}"),
        Because::NotInTier(tiers) => format!("Not part of {tier}, but of {}", tiers.join(", ")),
        Because::NoRole => "None of their roles gives it".to_owned(),
        Because::Deactivated => "Deactivated".to_owned(),
    }
}

/// Names of roles in one line.
pub(super) fn role_names(roles: &[Role]) -> String {
    let names: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn details_are_read_and_not_decoded() {
        let shown = details(&json!({
            "name": { "from": "Soap", "to": "Soap & Sons" },
            "roles": ["Maker", "Sales"],
            "taken": [],
            "former_name": null,
            "contact_email": { "from": null, "to": "a@example.com" },
        }));
        let mut shown: Vec<_> = shown
            .iter()
            .map(|(name, words)| format!("{name}: {words}"))
            .collect();
        shown.sort();
        assert_eq!(
            shown,
            [
                "contact email: nothing → a@example.com",
                "name: Soap → Soap & Sons",
                "roles: Maker, Sales",
            ]
        );
    }
}
