use crate::{
    kernel::words::words,
    tiers::{Permission, Permissions},
};

words! {
    /// The roles that come with every organisation.
    pub enum SystemRole {
        Manager = "manager",
        Maker = "maker",
        Seller = "seller",
        Viewer = "viewer",
    }
}

/// What only looks, costs left out.
const LOOKING: &[Permission] = &[
    Permission::DashboardView,
    Permission::InventoryView,
    Permission::RecipesView,
    Permission::BatchesView,
    Permission::ProductsView,
    Permission::OrganizationView,
    Permission::AlertsView,
    Permission::TimersView,
];

impl SystemRole {
    /// What it allows; it grows with the program.
    pub fn permissions(self) -> Permissions {
        use Permission as P;
        let looking: Permissions = LOOKING.iter().copied().collect();
        let more: &[Permission] = match self {
            Self::Manager => {
                let owners = [P::OrganizationManageBilling, P::AffiliatesManagePayouts];
                return Permissions::ALL.minus(owners.into_iter().collect());
            }
            Self::Maker => &[
                P::InventoryEdit,
                P::InventoryAdjust,
                P::InventoryTrackQuantities,
                P::InventoryReserve,
                P::RecipesCreate,
                P::RecipesEdit,
                P::RecipesScale,
                P::RecipesPlanProduction,
                P::RecipesCreateVariations,
                P::BatchesCreate,
                P::BatchesEdit,
                P::BatchesFinish,
                P::BatchesTrackInventoryOutputs,
                P::BatchesCancel,
                P::AlertsDismiss,
                P::TimersManage,
                P::TagsManage,
            ],
            Self::Seller => &[
                P::ProductsSalesTracking,
                P::InventoryReserve,
                P::AlertsDismiss,
            ],
            Self::Viewer => &[
                P::InventoryViewCosts,
                P::BatchesViewCosts,
                P::ReportsView,
                P::SettingsView,
            ],
        };
        more.iter().copied().fold(looking, Permissions::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_looks_after_billing() {
        for role in SystemRole::ALL {
            assert!(
                !role
                    .permissions()
                    .contains(Permission::OrganizationManageBilling),
                "{role}"
            );
        }
    }

    #[test]
    fn a_viewer_changes_nothing() {
        for permission in SystemRole::Viewer.permissions().iter() {
            let (_, what) = permission.as_str().split_once('.').unwrap();
            assert!(["view", "view_costs"].contains(&what), "{permission}");
        }
    }
}
