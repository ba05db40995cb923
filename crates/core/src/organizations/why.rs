//! Why somebody may do something or may not: the same rule as [`super::Grants`], with its reasons. Pure.
use super::Role;
use crate::tiers::{Allowance, Permission, Tier};

/// Whom it is about.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    pub is_owner: bool,
    pub is_active: bool,
    pub roles: &'a [Role],
}

/// Whether one thing is allowed, and because of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub permission: Permission,
    pub because: Because,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// They own the organisation.
    Owner,
    /// These of their roles give it.
    Roles(Vec<String>),
    /// Nobody in the organisation may: its tier has it not, and these do.
    NotInTier(Vec<String>),
    /// None of their roles gives it.
    NoRole,
    /// They are deactivated, and may do nothing.
    Deactivated,
}

impl Verdict {
    pub const fn may(&self) -> bool {
        matches!(self.because, Because::Owner | Because::Roles(_))
    }
}

/// For each permission, in the order of the catalogue. What stands in the way of more people is said
/// first: the tier before the person's own roles.
pub fn explain(subject: &Subject<'_>, allowance: &Allowance, tiers: &[Tier]) -> Vec<Verdict> {
    let because = |permission| {
        if !subject.is_active {
            return Because::Deactivated;
        }
        if !allowance.permissions.contains(permission) {
            let with = tiers
                .iter()
                .filter(|tier| tier.is_public && tier.permissions().contains(permission));
            return Because::NotInTier(with.map(|tier| tier.name.clone()).collect());
        }
        if subject.is_owner {
            return Because::Owner;
        }
        let giving = subject
            .roles
            .iter()
            .filter(|role| role.permissions.contains(permission));
        let names: Vec<_> = giving.map(|role| role.name.clone()).collect();
        if names.is_empty() {
            Because::NoRole
        } else {
            Because::Roles(names)
        }
    };
    let verdict = |permission| Verdict {
        permission,
        because: because(permission),
    };
    Permission::ALL.iter().copied().map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::ids::RoleId,
        organizations::Grants,
        tiers::{Limits, Permissions},
    };
    use proptest::prelude::*;

    fn some() -> impl Strategy<Value = Permissions> {
        proptest::collection::vec(proptest::sample::select(Permission::ALL), 0..30)
            .prop_map(Permissions::from_iter)
    }

    fn role(name: &str, permissions: Permissions) -> Role {
        Role {
            id: RoleId::new(1),
            name: name.to_owned(),
            description: String::new(),
            system: None,
            permissions,
        }
    }

    fn allowance(permissions: Permissions) -> Allowance {
        Allowance {
            tier: "solo".to_owned(),
            tier_name: "Solo Maker".to_owned(),
            permissions,
            limits: Limits::default(),
        }
    }

    proptest! {
        #[test]
        fn what_is_explained_is_what_is_decided(tier in some(), a in some(), b in some(), is_owner in any::<bool>()) {
            let roles = [role("A", a), role("B", b)];
            let subject = Subject { is_owner, is_active: true, roles: &roles };
            let allowance = allowance(tier);
            let grants = Grants {
                roles: if is_owner { Permissions::ALL } else { a.or(b) },
                allowance: allowance.clone(),
                scopes: Permissions::ALL,
            };
            for verdict in explain(&subject, &allowance, &[]) {
                prop_assert_eq!(verdict.may(), grants.allows(verdict.permission), "{:?}", verdict);
                if let Because::Roles(names) = &verdict.because {
                    prop_assert_eq!(names.contains(&"A".to_owned()), a.contains(verdict.permission));
                }
            }
        }
    }

    #[test]
    fn who_is_deactivated_may_nothing() {
        let roles = [role("A", Permissions::ALL)];
        let subject = Subject {
            is_owner: false,
            is_active: false,
            roles: &roles,
        };
        let all = explain(&subject, &allowance(Permissions::ALL), &[]);
        assert_eq!(all.len(), Permission::ALL.len());
        assert!(all.iter().all(|verdict| !verdict.may()));
    }
}
