use super::Permissions;

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

    fn set<const N: usize>(permissions: [crate::tiers::Permission; N]) -> Permissions {
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
