//! The catalogue of permissions: what a tier may allow and a role may give.
use crate::kernel::words::words;

words! {
    /// What permissions are about, in the order in which people are asked.
    pub enum Area {
        Dashboard = "dashboard",
        Inventory = "inventory",
        Recipes = "recipes",
        Batches = "batches",
        Products = "products",
        Organization = "organization",
        Alerts = "alerts",
        Settings = "settings",
        Timers = "timers",
        Tags = "tags",
        Reports = "reports",
        Integrations = "integrations",
        Affiliates = "affiliates",
        Assistant = "ai",
    }
}

impl Area {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Dashboard => "Dashboard",
            Self::Inventory => "Stock",
            Self::Recipes => "Recipes",
            Self::Batches => "Batches",
            Self::Products => "Products",
            Self::Organization => "Organisation",
            Self::Alerts => "Alerts",
            Self::Settings => "Settings",
            Self::Timers => "Timers",
            Self::Tags => "Tags",
            Self::Reports => "Reports",
            Self::Integrations => "Integrations",
            Self::Affiliates => "Affiliates",
            Self::Assistant => "Assistant",
        }
    }

    pub fn permissions(self) -> impl Iterator<Item = Permission> {
        let of_area = move |permission: &Permission| permission.area() == self;
        Permission::ALL.iter().copied().filter(of_area)
    }
}

macro_rules! permissions {
    ($($area:ident { $($name:ident = $word:literal, $label:literal;)+ })+) => {
        words! {
            /// One thing that somebody may be allowed to do in an organisation.
            pub enum Permission { $($($name = $word),+),+ }
        }

        impl Permission {
            pub const fn area(self) -> Area {
                match self { $($(Self::$name)|+ => Area::$area),+ }
            }

            /// For people: what it allows, as it goes on after "may".
            pub const fn label(self) -> &'static str {
                match self { $($(Self::$name => $label),+),+ }
            }
        }
    };
}

permissions! {
    Dashboard {
        DashboardView = "dashboard.view", "see the figures of the dashboard";
    }
    Inventory {
        InventoryView = "inventory.view", "see what is in stock";
        InventoryEdit = "inventory.edit", "add items and change them";
        InventoryAdjust = "inventory.adjust", "receive, use up and correct stock";
        InventoryTrackQuantities = "inventory.track_quantities", "keep count of quantities";
        InventoryReserve = "inventory.reserve", "set stock aside";
        InventoryDelete = "inventory.delete", "archive items and restore them";
        InventoryViewCosts = "inventory.view_costs", "see what stock costs";
    }
    Recipes {
        RecipesView = "recipes.view", "see recipes";
        RecipesCreate = "recipes.create", "write recipes";
        RecipesEdit = "recipes.edit", "change recipes";
        RecipesDelete = "recipes.delete", "archive recipes";
        RecipesScale = "recipes.scale", "scale recipes";
        RecipesPlanProduction = "recipes.plan_production", "plan batches";
        RecipesCreateVariations = "recipes.create_variations", "keep variations of a recipe";
        RecipesSharingControls = "recipes.sharing_controls", "share recipes";
        RecipesPurchaseOptions = "recipes.purchase_options", "offer recipes for sale";
        RecipesMarketplaceDashboard = "recipes.marketplace_dashboard", "see how recipes sell";
    }
    Batches {
        BatchesView = "batches.view", "see batches";
        BatchesCreate = "batches.create", "start batches";
        BatchesEdit = "batches.edit", "write notes on batches";
        BatchesFinish = "batches.finish", "finish batches";
        BatchesTrackInventoryOutputs = "batches.track_inventory_outputs", "put what is made into stock";
        BatchesCancel = "batches.cancel", "cancel batches";
        BatchesViewCosts = "batches.view_costs", "see what batches cost";
    }
    Products {
        ProductsView = "products.view", "see products";
        ProductsCreate = "products.create", "add products";
        ProductsEdit = "products.edit", "change products and prices";
        ProductsDelete = "products.delete", "archive products";
        ProductsManageVariants = "products.manage_variants", "add variants and sizes";
        ProductsSalesTracking = "products.sales_tracking", "record sales";
    }
    Organization {
        OrganizationView = "organization.view", "see who belongs to the organisation";
        OrganizationEdit = "organization.edit", "change the organisation's name and settings";
        OrganizationManageUsers = "organization.manage_users", "invite people and remove them";
        OrganizationManageRoles = "organization.manage_roles", "say what a role may do";
        OrganizationManageBilling = "organization.manage_billing", "look after billing";
        OrganizationViewAuditLogs = "organization.view_audit_logs", "see who did what";
    }
    Alerts {
        AlertsView = "alerts.view", "see alerts";
        AlertsManage = "alerts.manage", "say when to be alerted";
        AlertsDismiss = "alerts.dismiss", "dismiss alerts";
    }
    Settings {
        SettingsView = "settings.view", "see settings";
        SettingsEdit = "settings.edit", "change settings";
    }
    Timers {
        TimersView = "timers.view", "see timers";
        TimersManage = "timers.manage", "start and stop timers";
    }
    Tags {
        TagsManage = "tags.manage", "make tags";
    }
    Reports {
        ReportsView = "reports.view", "see reports";
        ReportsExport = "reports.export", "take data out";
        ReportsAdvanced = "reports.advanced", "see advanced reports";
        ReportsCustom = "reports.custom", "make reports of their own";
    }
    Integrations {
        IntegrationsShopify = "integrations.shopify", "connect a shop";
        IntegrationsMarketplace = "integrations.marketplace", "connect marketplaces";
        IntegrationsApiAccess = "integrations.api_access", "use the API with tokens";
        IntegrationsWebhooks = "integrations.webhooks", "have other programs told of events";
    }
    Affiliates {
        AffiliatesView = "affiliates.view", "see what telling others earned";
        AffiliatesGenerateLinks = "affiliates.generate_links", "make links for others";
        AffiliatesViewOrgDashboard = "affiliates.view_org_dashboard", "see what all members earned";
        AffiliatesManagePayouts = "affiliates.manage_payouts", "have earnings paid out";
    }
    Assistant {
        AiBatchbot = "ai.batchbot", "ask the assistant";
        AiRecipeOptimization = "ai.recipe_optimization", "have recipes improved";
        AiDemandForecasting = "ai.demand_forecasting", "have demand forecast";
        AiQualityInsights = "ai.quality_insights", "have quality looked into";
    }
}

/// A set of permissions, in a few machine words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u128);

// A permission is a bit.
const _: () = assert!(
    Permission::ALL.len() <= 128,
    "there are more permissions than bits"
);

impl Permissions {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self((1 << Permission::ALL.len()) - 1);

    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u32) != 0
    }

    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | 1 << permission as u32)
    }

    /// What both allow.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What either allows.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What this allows and the other doesn't.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// In the order of the catalogue.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(move |permission| self.contains(*permission))
    }

    /// Words as a table keeps them. One that no version of the catalogue has any more allows nothing.
    pub fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        words
            .into_iter()
            .filter_map(|word| word.parse().ok())
            .collect()
    }

    pub fn words(self) -> Vec<&'static str> {
        self.iter().map(Permission::as_str).collect()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::NONE, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some() -> impl Strategy<Value = Permissions> {
        proptest::collection::vec(proptest::sample::select(Permission::ALL), 0..20)
            .prop_map(Permissions::from_iter)
    }

    #[test]
    fn a_permission_begins_with_the_word_of_its_area() {
        for permission in Permission::ALL {
            let (area, _) = permission.as_str().split_once('.').unwrap();
            assert_eq!(area, permission.area().as_str(), "{permission}");
        }
        assert_eq!(Permissions::ALL.iter().count(), Permission::ALL.len());
    }

    proptest! {
        #[test]
        fn sets_are_what_their_words_say(a in some(), b in some()) {
            prop_assert_eq!(Permissions::of_words(a.words()), a);
            for permission in Permission::ALL.iter().copied() {
                let (in_a, in_b) = (a.contains(permission), b.contains(permission));
                prop_assert_eq!(a.and(b).contains(permission), in_a && in_b);
                prop_assert_eq!(a.or(b).contains(permission), in_a || in_b);
                prop_assert_eq!(a.minus(b).contains(permission), in_a && !in_b);
                prop_assert!(a.with(permission).contains(permission));
            }
        }
    }

    #[test]
    fn a_word_that_nobody_knows_allows_nothing() {
        assert_eq!(
            Permissions::of_words(["inventory.fly", ""]),
            Permissions::NONE
        );
    }
}
