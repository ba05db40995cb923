use super::{SystemRole, grants::AccessVersion};
use crate::{
    identity::{Person, display_name, initials},
    kernel::{
        ids::{InvitationId, OrganizationId, RoleId, UserId},
        text::{self, BadText, Email},
        words::words,
    },
    tiers::Permissions,
};
use chrono::{DateTime, Utc};
use diesel::{NullableExpressionMethods as _, Queryable, Selectable, dsl};

/// Someone's place in an organisation, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Membership {
    #[diesel(select_expression = crate::schema::memberships::organization_id)]
    pub organization_id: OrganizationId,
    /// None for a program that acts for the organisation itself, by a token.
    #[diesel(
        select_expression = crate::schema::memberships::user_id.nullable(),
        select_expression_type = dsl::Nullable<crate::schema::memberships::user_id>
    )]
    pub user_id: Option<UserId>,
    /// `owner`, `member`, or `program`.
    #[diesel(select_expression = crate::schema::memberships::role)]
    pub role: String,
    #[diesel(select_expression = crate::schema::organizations::name)]
    pub organization_name: String,
    #[diesel(select_expression = crate::schema::organizations::currency)]
    pub currency: String,
    #[diesel(select_expression = crate::schema::organizations::costing_method)]
    pub costing_method: String,
    #[diesel(select_expression = crate::schema::users::first_name)]
    pub first_name: String,
    #[diesel(select_expression = crate::schema::users::last_name)]
    pub last_name: String,
    #[diesel(select_expression = crate::schema::users::username)]
    pub username: String,
    #[diesel(select_expression = crate::schema::users::email)]
    pub email: String,
    /// By its name in the database of time zones.
    #[diesel(select_expression = crate::schema::users::timezone)]
    pub timezone: String,
    /// Whether they run the installation; that gives them nothing within the organisation.
    #[diesel(select_expression = crate::schema::users::is_operator)]
    pub is_operator: bool,
    /// Sessions begun under another number are over.
    #[diesel(select_expression = crate::schema::users::session_epoch)]
    pub session_epoch: i32,
    #[diesel(select_expression = crate::schema::organizations::access_version)]
    organization_version: i64,
    #[diesel(select_expression = crate::schema::tiers::version)]
    tier_version: i64,
}

/// The role of somebody who is no member: no table holds it.
const OPERATOR: &str = "operator";

/// What is true of whoever acts in an organisation.
#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Here {
    #[diesel(select_expression = crate::schema::organizations::id)]
    organization_id: OrganizationId,
    #[diesel(select_expression = crate::schema::organizations::name)]
    organization_name: String,
    #[diesel(select_expression = crate::schema::organizations::currency)]
    currency: String,
    #[diesel(select_expression = crate::schema::organizations::costing_method)]
    costing_method: String,
    #[diesel(select_expression = crate::schema::organizations::access_version)]
    organization_version: i64,
    #[diesel(select_expression = crate::schema::tiers::version)]
    tier_version: i64,
}

/// A set of permissions that members are given by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    pub id: RoleId,
    pub name: String,
    pub description: String,
    /// Of a role that came with the organisation.
    pub system: Option<SystemRole>,
    pub permissions: Permissions,
}

impl Membership {
    /// Whether they may do everything that the tier allows.
    pub fn is_owner(&self) -> bool {
        self.role == "owner"
    }

    /// Whether they are no member, but an operator who acts as the organisation.
    pub fn is_stay(&self) -> bool {
        self.role == OPERATOR
    }

    /// Of an operator who acts as the organisation.
    pub(super) fn of_operator(person: &Person, place: Here) -> Self {
        Self {
            organization_id: place.organization_id,
            user_id: Some(person.user),
            role: OPERATOR.to_owned(),
            organization_name: place.organization_name,
            currency: place.currency,
            costing_method: place.costing_method,
            first_name: person.first_name.clone(),
            last_name: person.last_name.clone(),
            username: person.username.clone(),
            email: person.email.clone(),
            timezone: person.timezone.clone(),
            is_operator: person.is_operator,
            session_epoch: person.session_epoch,
            organization_version: place.organization_version,
            tier_version: place.tier_version,
        }
    }

    /// Of a program that acts for the organisation, by the name of its token.
    pub(super) fn of_program(name: String, place: Here) -> Self {
        Self {
            organization_id: place.organization_id,
            user_id: None,
            role: "program".to_owned(),
            organization_name: place.organization_name,
            currency: place.currency,
            costing_method: place.costing_method,
            first_name: String::new(),
            last_name: String::new(),
            username: name,
            email: String::new(),
            timezone: "UTC".to_owned(),
            is_operator: false,
            session_epoch: 0,
            organization_version: place.organization_version,
            tier_version: place.tier_version,
        }
    }

    pub(super) const fn access_version(&self) -> AccessVersion {
        AccessVersion {
            organization: self.organization_version,
            tier: self.tier_version,
        }
    }

    /// What to call them.
    pub fn display_name(&self) -> String {
        display_name(&self.first_name, &self.last_name, &self.username)
    }

    /// One or two letters that stand for them.
    pub fn initials(&self) -> String {
        initials(&self.first_name, &self.last_name, &self.username)
    }
}

/// An organisation that somebody belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub organization: OrganizationId,
    pub name: String,
    pub is_owner: bool,
    /// An operator has closed it for a while: nobody acts in it.
    pub is_suspended: bool,
}

/// Somebody who belongs to an organisation, active or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    /// What to call them.
    pub name: String,
    pub username: String,
    pub email: String,
    pub is_owner: bool,
    /// Whether they may act in it; who isn't keeps their place and takes no seat.
    pub is_active: bool,
    pub joined_at: DateTime<Utc>,
    pub last_login_at: Option<DateTime<Utc>>,
    /// By name. The owner needs none.
    pub roles: Vec<Named>,
}

/// A role by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub id: RoleId,
    pub name: String,
}

/// A role and who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleInUse {
    pub role: Role,
    pub members: i64,
    pub open_invitations: i64,
}

/// A role as somebody wants it.
#[derive(Debug, Clone)]
pub struct NewRole {
    pub name: RoleName,
    pub description: String,
    pub permissions: Permissions,
}

/// What is to be different about a role; none leaves it as it is at that moment.
#[derive(Debug, Clone)]
pub struct RoleChange {
    pub name: Option<RoleName>,
    pub description: Option<String>,
    pub permissions: Option<Permissions>,
}

impl RoleChange {
    /// What `old` becomes.
    pub(super) fn of(self, old: &Role) -> NewRole {
        NewRole {
            name: self.name.unwrap_or_else(|| RoleName(old.name.clone())),
            description: self.description.unwrap_or_else(|| old.description.clone()),
            permissions: self.permissions.unwrap_or(old.permissions),
        }
    }
}

impl From<NewRole> for RoleChange {
    fn from(new: NewRole) -> Self {
        Self {
            name: Some(new.name),
            description: Some(new.description),
            permissions: Some(new.permissions),
        }
    }
}

/// What a role is called: one line of 1 to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleName(String);

impl RoleName {
    const MOST: usize = 64;
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for RoleName {
    type Err = BadText;
    fn from_str(name: &str) -> Result<Self, BadText> {
        text::line(name, Self::MOST).map(Self)
    }
}

/// How many belong or are invited, and how many there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seats {
    pub used: i64,
    /// None is no limit.
    pub limit: Option<i32>,
}

words! {
    /// What became of an invitation.
    pub enum InvitationState {
        Open = "open",
        Accepted = "accepted",
        Declined = "declined",
        Withdrawn = "withdrawn",
        Expired = "expired",
    }
}

/// Somebody asked to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    /// At this moment.
    pub state: InvitationState,
    /// Who asked, as they were called then.
    pub inviter: String,
    pub created_at: DateTime<Utc>,
    pub sent_at: DateTime<Utc>,
    pub letters: i32,
    pub expires_at: DateTime<Utc>,
    pub roles: Vec<Named>,
}

/// Who to ask, and what they will be.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    pub email: Email,
    pub roles: Vec<RoleId>,
}

/// An invitation before whoever it is for, who may belong to nothing yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub id: InvitationId,
    pub organization: OrganizationId,
    pub organization_name: String,
    pub is_suspended: bool,
    pub email: String,
    pub inviter: String,
    pub state: InvitationState,
    pub expires_at: DateTime<Utc>,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// Whether somebody has an account with that address.
    pub has_account: bool,
}

/// How somebody stands with an organisation that they can't act in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// They belong to it, and it is open.
    In,
    /// They don't belong to it, or not any more.
    Gone { organization: String },
    /// They belong to it, but somebody has deactivated them.
    Deactivated { organization: String },
    /// An operator has closed it for a while.
    Suspended {
        organization: String,
        /// Why, if that was said.
        reason: Option<String>,
    },
}

/// What is set for an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub contact_email: Option<String>,
}
