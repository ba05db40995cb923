//! The verbs. Whatever changes who belongs, or what they may do, holds the organisation first, and
//! then looks again at what whoever asks may do: so two who change the same thing come one after another.
pub(super) mod found;
pub(super) mod invite;
pub(super) mod join;
pub(super) mod members;
pub(super) mod profile;
pub(super) mod roles;

use super::{
    Grants, OrganizationError, Role,
    flags::Flags,
    grants::grants,
    model::Member,
    queries,
    rules::{self, SeatsFull, has_seat},
};
use crate::{
    kernel::ids::{RoleId, UserId},
    mail::Letters,
    platform::{OrgTx, SystemTx},
    tiers::{self, Permission, Permissions, Tier},
};

/// What inviting needs besides the database.
#[derive(Debug, Clone)]
pub struct Desk {
    pub letters: Letters,
    pub flags: Flags,
}

/// Whoever asks, as they stand while the organisation is held.
struct Steward {
    user: Option<UserId>,
    is_owner: bool,
    /// What their roles give, whatever the tier.
    roles: Permissions,
    /// What to call them.
    name: String,
    organization: String,
}

impl Steward {
    /// Holds the organisation. `admitted` is what the request was let in with; nothing goes beyond it.
    async fn hold(
        tx: &mut OrgTx,
        admitted: &Grants,
        needed: Permission,
    ) -> Result<Self, OrganizationError> {
        let (steward, now) = Self::look(tx).await?;
        let now = Permissions::and(now.effective(), admitted.effective());
        if !now.contains(needed) {
            return Err(OrganizationError::MayNot(needed));
        }
        Ok(Self {
            roles: steward.roles.and(admitted.roles).and(admitted.scopes),
            ..steward
        })
    }

    /// Holds the organisation for its owner, and for nobody else.
    async fn hold_for_owner(tx: &mut OrgTx) -> Result<Self, OrganizationError> {
        let (steward, _) = Self::look(tx).await?;
        if steward.is_owner {
            Ok(steward)
        } else {
            Err(OrganizationError::NotTheOwner)
        }
    }

    async fn look(tx: &mut OrgTx) -> Result<(Self, Grants), OrganizationError> {
        queries::members::hold(tx).await?;
        if let Some(stay) = tx.origin().stay.clone() {
            let grants = Grants {
                allowance: tiers::allowance(tx).await?,
                roles: Permissions::ALL,
                scopes: Permissions::ALL,
            };
            let steward = Self {
                user: tx.user(),
                is_owner: false,
                roles: Permissions::ALL,
                name: stay.name.clone(),
                organization: queries::places::profile(tx).await?.name,
            };
            return Ok((steward, grants));
        }
        let membership = queries::membership(tx)
            .await?
            .ok_or(OrganizationError::NotAMember)?;
        let grants = grants(tx, &membership).await?;
        let steward = Self {
            user: membership.user_id,
            is_owner: membership.is_owner(),
            roles: grants.roles,
            name: membership.display_name(),
            organization: membership.organization_name,
        };
        Ok((steward, grants))
    }

    /// The member whom something is to be done to: neither the owner, nor whoever asks, nor somebody
    /// who may do more.
    async fn subject(&self, tx: &mut OrgTx, user: UserId) -> Result<Member, OrganizationError> {
        let member = queries::members::member(tx, user)
            .await?
            .ok_or(OrganizationError::NoMember)?;
        if member.is_owner {
            return Err(OrganizationError::TheOwner);
        }
        if self.user == Some(user) {
            return Err(OrganizationError::Yourself);
        }
        let theirs = queries::roles_of(tx, user).await?;
        if rules::role_beyond(&theirs, self.roles).is_some() {
            return Err(OrganizationError::Outranked { name: member.name });
        }
        Ok(member)
    }

    /// Roles that they may give: all of `wanted`, each once, by name.
    async fn roles_to_give(
        &self,
        tx: &mut OrgTx,
        mut wanted: Vec<RoleId>,
    ) -> Result<Vec<Role>, OrganizationError> {
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return Err(OrganizationError::RoleNeeded);
        }
        let many = wanted.len();
        let roles = queries::roles::these(tx, wanted).await?;
        if roles.len() < many {
            return Err(OrganizationError::NoRole);
        }
        match rules::role_beyond(&roles, self.roles) {
            Some((role, missing)) => Err(OrganizationError::Escalation {
                role: role.name.clone(),
                missing,
            }),
            None => Ok(roles),
        }
    }
}

/// Refuses where the tier has no room for one more.
async fn seat(tx: &mut OrgTx) -> Result<(), OrganizationError> {
    let seats = queries::invitations::seats(tx).await?;
    if has_seat(seats.limit, seats.used) {
        return Ok(());
    }
    let tiers = tiers::catalogue(tx).await?;
    Err(full(seats.limit, seats.used, &tiers))
}

/// The same before the fence, where `used` is known.
async fn seat_for_system(
    tx: &mut SystemTx,
    limit: Option<i32>,
    used: i64,
) -> Result<(), OrganizationError> {
    if has_seat(limit, used) {
        return Ok(());
    }
    let tiers = tiers::catalogue_for_system(tx).await?;
    Err(full(limit, used, &tiers))
}

fn full(limit: Option<i32>, used: i64, tiers: &[Tier]) -> OrganizationError {
    let roomy = tiers
        .iter()
        .filter(|tier| tier.is_public && has_seat(tier.limits.users, used));
    OrganizationError::SeatsFull(SeatsFull {
        limit: limit.unwrap_or_default(),
        used,
        tiers: roomy.map(|tier| tier.name.clone()).collect(),
    })
}

/// Names of roles, for the list of who did what.
fn names(roles: &[Role]) -> Vec<&str> {
    roles.iter().map(|role| role.name.as_str()).collect()
}

fn ids(roles: &[Role]) -> Vec<RoleId> {
    roles.iter().map(|role| role.id).collect()
}
