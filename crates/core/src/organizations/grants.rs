//! Who may do what: worked out once and kept until something that decides it changes.
use super::{Membership, queries};
use crate::{
    kernel::{
        StoreError,
        ids::{OrganizationId, UserId},
    },
    platform::OrgTx,
    tiers::{self, Allowance, Permission, Permissions},
};
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};

/// What one member may do in one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grants {
    /// What the organisation's tier allows to anybody in it.
    pub allowance: Allowance,
    /// What their roles give; everything for the owner, for the organisation itself, and for an operator who
    /// acts as it.
    pub roles: Permissions,
    /// What the token may do by which they act; everything without one.
    pub scopes: Permissions,
}

impl Grants {
    pub const fn allows(&self, permission: Permission) -> bool {
        self.effective().contains(permission)
    }

    /// What tier and roles allow, and the token if there is one.
    pub const fn effective(&self) -> Permissions {
        self.without_scopes().and(self.scopes)
    }

    /// What they might do by themselves.
    pub const fn without_scopes(&self) -> Permissions {
        self.allowance.permissions.and(self.roles)
    }

    /// The same for a program that may do no more than `scopes`.
    #[must_use]
    pub fn within(&self, scopes: Permissions) -> Self {
        Self {
            scopes,
            ..self.clone()
        }
    }
}

/// Grants as they were when the organisation and its tier had a certain version. The membership, which
/// every unit of work asks for anyway, brings the versions of this moment; so what is kept is never
/// stale, on any replica, and nobody needs to be told of a change.
#[derive(Debug, Clone)]
pub struct GrantsCache(Cache<(OrganizationId, Option<UserId>), Kept>);

#[derive(Debug, Clone)]
struct Kept {
    version: AccessVersion,
    grants: Arc<Grants>,
}

/// Differs from an earlier one when somebody may do more or less than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AccessVersion {
    pub(super) organization: i64,
    pub(super) tier: i64,
}

impl Default for GrantsCache {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(50_000)
            // Add-ons end by the clock and not by a change.
            .time_to_live(Duration::from_mins(1))
            .build();
        Self(cache)
    }
}

impl GrantsCache {
    /// What `membership`, just read in `tx`, may do.
    pub async fn of(
        &self,
        tx: &mut OrgTx,
        membership: &Membership,
    ) -> Result<Arc<Grants>, StoreError> {
        // Acting as an organisation is rare, and whoever does may be a member of it as well.
        if membership.is_stay() {
            return Ok(Arc::new(grants(tx, membership).await?));
        }
        let key = (membership.organization_id, membership.user_id);
        let version = membership.access_version();
        if let Some(kept) = self.0.get(&key).filter(|kept| kept.version == version) {
            return Ok(kept.grants);
        }
        let grants = Arc::new(grants(tx, membership).await?);
        let kept = Kept {
            version,
            grants: Arc::clone(&grants),
        };
        self.0.insert(key, kept);
        Ok(grants)
    }
}

/// What `membership` may do, from the tables.
pub async fn grants(tx: &mut OrgTx, membership: &Membership) -> Result<Grants, StoreError> {
    let allowance = tiers::allowance(tx).await?;
    let roles = match membership.user_id {
        Some(user) if !membership.is_owner() && !membership.is_stay() => {
            queries::roles_of(tx, user)
                .await?
                .iter()
                .fold(Permissions::NONE, |all, role| all.or(role.permissions))
        }
        _ => Permissions::ALL,
    };
    Ok(Grants {
        allowance,
        roles,
        scopes: Permissions::ALL,
    })
}
