use super::{Permission, Permissions};

/// How much a tier allows; none is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    pub users: Option<i32>,
    pub recipes: Option<i32>,
    pub products: Option<i32>,
    pub monthly_batches: Option<i32>,
}

/// What an organisation's tier allows, its add-ons included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The tier's key and what people call it.
    pub tier: String,
    pub tier_name: String,
    pub permissions: Permissions,
    pub limits: Limits,
}

/// A tier as it stands, whoever has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    pub key: String,
    /// What people call it.
    pub name: String,
    pub summary: String,
    /// Who says that it is paid for: `exempt`, `manual` or `stripe`.
    pub provider: String,
    /// Whether people may choose it for themselves.
    pub is_public: bool,
    /// Its own; none is all of them, those to come included.
    pub own: Option<Permissions>,
    /// Of add-ons that it has for nothing, and of those that it lists and that must be bought.
    pub included: Permissions,
    pub for_sale: Permissions,
    /// Keys of those add-ons.
    pub included_addons: Vec<String>,
    pub sold_addons: Vec<String>,
    pub limits: Limits,
    pub more: MoreLimits,
    /// How many organisations have it.
    pub organizations: i64,
}

/// Limits that no allowance carries; none is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MoreLimits {
    pub monthly_api_requests: Option<i32>,
    pub sources: Option<i32>,
    pub daily_source_events: Option<i32>,
    /// None keeps finished records for as long as the organisation has the tier.
    pub retention_days: Option<i32>,
}

impl Tier {
    /// What it allows to an organisation that has bought nothing besides.
    pub const fn permissions(&self) -> Permissions {
        let granted = Granted {
            tier: match self.own {
                Some(own) => own,
                None => Permissions::ALL,
            },
            included: self.included,
            for_sale: self.for_sale,
            bought: Permissions::NONE,
        };
        granted.permissions()
    }
}

/// What is granted beside a tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addon {
    pub key: String,
    pub name: String,
    pub summary: String,
    pub permission: Option<Permission>,
}

/// A tier as an operator wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierChange {
    pub name: String,
    pub summary: String,
    pub is_public: bool,
    pub own: Option<Permissions>,
    pub limits: Limits,
    pub more: MoreLimits,
    /// Keys of add-ons.
    pub included_addons: Vec<String>,
    pub sold_addons: Vec<String>,
}

/// What decides which permissions a tier comes with.
pub(super) struct Granted {
    /// The tier's own.
    pub(super) tier: Permissions,
    /// Of add-ons that the tier has for nothing.
    pub(super) included: Permissions,
    /// Of add-ons that the tier lists, and that must be bought.
    pub(super) for_sale: Permissions,
    /// Of add-ons that were bought.
    pub(super) bought: Permissions,
}

impl Granted {
    /// What is for sale is not there until it is bought, even where the tier's own list has it.
    pub(super) const fn permissions(&self) -> Permissions {
        let own = self.tier.and(Permissions::ALL.minus(self.for_sale));
        own.or(self.included).or(self.bought)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiers::Permission::{AffiliatesView, AiBatchbot, RecipesView};

    fn set<const N: usize>(permissions: [Permission; N]) -> Permissions {
        permissions.into_iter().collect()
    }

    #[test]
    fn what_is_for_sale_counts_once_it_is_bought() {
        let granted = |bought| Granted {
            tier: set([RecipesView, AffiliatesView]),
            included: set([AiBatchbot]),
            for_sale: set([AffiliatesView]),
            bought,
        };
        assert_eq!(
            granted(Permissions::NONE).permissions(),
            set([RecipesView, AiBatchbot])
        );
        assert_eq!(
            granted(set([AffiliatesView])).permissions(),
            set([RecipesView, AiBatchbot, AffiliatesView])
        );
    }
}
