use super::{SystemRole, grants::AccessVersion};
use crate::{
    identity::{display_name, initials},
    kernel::ids::{OrganizationId, RoleId, UserId},
    tiers::Permissions,
};
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

/// What is true of whoever acts in an organisation.
#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Standing {
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

    /// Of a program that acts for the organisation, by the name of its token.
    pub(super) fn of_program(name: String, place: Standing) -> Self {
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
}
