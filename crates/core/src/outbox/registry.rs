//! Every event there is, on one page. Names never change once released: subscribers know them.
use crate::kernel::words::words;

words! {
    /// What subscribers choose from, by the part of the house.
    pub enum Category {
        Accounts = "accounts",
        People = "people",
        Billing = "billing",
        Inventory = "inventory",
        Recipes = "recipes",
        Batches = "batches",
        Products = "products",
        Imports = "imports",
        Library = "library",
        Webhooks = "webhooks",
    }
}

impl Category {
    pub const fn title(self) -> &'static str {
        match self {
            Self::Accounts => "Accounts",
            Self::People => "People and roles",
            Self::Billing => "Billing",
            Self::Inventory => "Inventory",
            Self::Recipes => "Recipes and plans",
            Self::Batches => "Batches and timers",
            Self::Products => "Products and sales",
            Self::Imports => "Imports",
            Self::Library => "Shared library",
            Self::Webhooks => "Webhooks",
        }
    }
}

/// What is laid down of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub category: Category,
    /// What it is about: its `entity_id` is the id of one of these.
    pub entity_type: &'static str,
    /// Raised when the meaning of a property changes; new properties don't raise it.
    pub version: i16,
    /// Whether it tells of use of the product and is therefore counted; see [`super::USAGE`].
    pub is_core_usage: bool,
    /// Properties it always carries, `null` where there is nothing to say.
    pub required: &'static [&'static str],
}

const SIGNUP: &[&str] = &[
    "signup_source",
    "signup_flow",
    "billing_provider",
    "tier_id",
    "is_oauth_signup",
    "purchase_completed",
    "used_promo_code",
    "promo_code",
    "used_referral_code",
    "referral_code",
];
const CHECKOUT: &[&str] = &[
    "tier_id",
    "billing_mode",
    "billing_cycle",
    "signup_source",
    "is_oauth_signup",
];
const ITEM: &[&str] = &[
    "item_type",
    "unit",
    "creation_source",
    "global_item_id",
    "is_tracked",
    "initial_quantity",
];
const ADJUSTED: &[&str] = &[
    "change_type",
    "quantity_delta",
    "unit",
    "notes",
    "cost_override",
    "original_quantity",
    "new_quantity",
    "item_name",
    "item_type",
    "batch_id",
    "is_initial_stock",
];
const RECIPE: &[&str] = &[
    "name",
    "yield_amount",
    "yield_unit",
    "status",
    "is_test",
    "is_variation",
    "is_master",
    "parent_recipe_id",
    "parent_master_id",
    "cloned_from_id",
    "recipe_group_id",
    "test_sequence",
];
const STARTED: &[&str] = &[
    "recipe_id",
    "scale",
    "batch_type",
    "projected_yield",
    "projected_yield_unit",
    "label_code",
    "lineage_id",
    "portioning",
];
const COMPLETED: &[&str] = &[
    "label_code",
    "final_quantity",
    "output_unit",
    "completed_at",
    "containment_efficiency",
    "yield_accuracy_variance_pct",
    "overall_freshness_percent",
];
const METRICS: &[&str] = &[
    "batch_id",
    "actual_fill_efficiency",
    "yield_variance_percentage",
    "cost_variance_percentage",
    "overall_freshness_percent",
];
const PLAN: &[&str] = &[
    "recipe_id",
    "scale",
    "container_id",
    "success",
    "all_available",
    "issue_count",
];
const SOLD: &[&str] = &[
    "action_id",
    "quantity",
    "unit",
    "price",
    "cost",
    "product_id",
    "sku_code",
];
const SUBSCRIPTION: &[&str] = &["tier", "previous_tier", "billing_cycle", "billing_provider"];
const ENDPOINT: &[&str] = &["url", "events"];

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $name:literal: $category:ident, $entity:literal, $usage:ident, $required:expr;)+) => {
        words! {
            /// Something that happened and that others may hear of.
            pub enum Event { $($(#[$doc])* $variant = $name),+ }
        }
        impl Event {
            pub const fn entry(self) -> Entry {
                match self {
                    $(Self::$variant => Entry {
                        category: Category::$category,
                        entity_type: $entity,
                        version: 1,
                        is_core_usage: matches!(Usage::$usage, Usage::Counted),
                        required: $required,
                    }),+
                }
            }
        }
    };
}

enum Usage {
    Counted,
    Plain,
}

events! {
    AccountCreated = "account_created": Accounts, "organization", Counted, SIGNUP;
    FreeAccountCreated = "free_account_created": Accounts, "organization", Counted, SIGNUP;
    /// An older name for the same, which subscribers still follow.
    SignupCompleted = "signup_completed": Accounts, "organization", Counted, SIGNUP;
    UserLoginSucceeded = "user_login_succeeded": Accounts, "user", Counted, &["is_first_login", "login_method", "destination_hint"];
    OnboardingCompleted = "onboarding_completed": Accounts, "organization", Counted, &["checklist_completed", "requires_password_setup", "team_size"];
    OrganizationUpdated = "organization_updated": Accounts, "organization", Plain, &["changed"];

    UserInvited = "user_invited": People, "invitation", Plain, &["role_id"];
    UserJoined = "user_joined": People, "user", Plain, &["role_id"];
    UserUpdated = "user_updated": People, "user", Plain, &["changed"];
    UserDeactivated = "user_deactivated": People, "user", Plain, &["reason"];
    UserReactivated = "user_reactivated": People, "user", Plain, &[];
    UserRemoved = "user_removed": People, "user", Plain, &[];
    UserRoleChanged = "user_role_changed": People, "user", Plain, &["role_id", "previous_role_id"];
    RoleCreated = "role_created": People, "role", Plain, &["name"];
    RoleUpdated = "role_updated": People, "role", Plain, &["name"];
    RoleDeleted = "role_deleted": People, "role", Plain, &["name"];

    SignupCheckoutStarted = "signup_checkout_started": Billing, "pending_signup", Counted, CHECKOUT;
    /// Never emitted; kept, since the name is taken.
    SignupCheckoutCompleted = "signup_checkout_completed": Billing, "pending_signup", Plain, &["tier_id", "billing_provider"];
    PurchaseCompleted = "purchase_completed": Billing, "organization", Counted, SIGNUP;
    BillingCheckoutStarted = "billing_checkout_started": Billing, "organization", Plain, &["tier", "billing_cycle", "checkout_provider"];
    StripeCheckoutCompleted = "billing.stripe_checkout_completed": Billing, "pending_signup", Plain, &["pending_signup_id", "tier_id", "checkout_session_id", "stripe_customer_id"];
    SubscriptionStarted = "subscription_started": Billing, "organization", Plain, SUBSCRIPTION;
    SubscriptionChanged = "subscription_changed": Billing, "organization", Plain, SUBSCRIPTION;
    SubscriptionRenewed = "subscription_renewed": Billing, "organization", Plain, SUBSCRIPTION;
    SubscriptionCancelled = "subscription_cancelled": Billing, "organization", Plain, SUBSCRIPTION;
    SubscriptionExpired = "subscription_expired": Billing, "organization", Plain, SUBSCRIPTION;
    PaymentFailed = "payment_failed": Billing, "organization", Plain, &["billing_provider", "attempt"];
    PaymentRecovered = "payment_recovered": Billing, "organization", Plain, &["billing_provider"];

    InventoryItemCreated = "inventory_item_created": Inventory, "inventory_item", Counted, ITEM;
    InventoryItemCustomCreated = "inventory_item_custom_created": Inventory, "inventory_item", Counted, ITEM;
    InventoryItemGlobalCreated = "inventory_item_global_created": Inventory, "inventory_item", Counted, ITEM;
    InventoryAdjusted = "inventory_adjusted": Inventory, "inventory_item", Plain, ADJUSTED;
    InventoryActionReversed = "inventory_action_reversed": Inventory, "inventory_action", Plain, &["kind", "batch_id", "import_id"];
    LotExpiring = "lot_expiring": Inventory, "inventory_lot", Plain, &["item_id", "item_name", "lot_code", "quantity", "unit", "expires_at"];

    RecipeCreated = "recipe_created": Recipes, "recipe", Counted, RECIPE;
    RecipeVariationCreated = "recipe_variation_created": Recipes, "recipe", Counted, RECIPE;
    RecipeTestCreated = "recipe_test_created": Recipes, "recipe", Counted, RECIPE;
    RecipeUpdated = "recipe_updated": Recipes, "recipe", Plain, &["recipe_id"];
    RecipeDeleted = "recipe_deleted": Recipes, "recipe", Plain, &["name"];
    PlanProductionRequested = "plan_production_requested": Recipes, "recipe", Counted, PLAN;
    StockCheckRun = "stock_check_run": Recipes, "recipe", Counted, &["recipe_id", "scale", "success", "stock_item_count"];

    BatchStarted = "batch_started": Batches, "batch", Counted, STARTED;
    BatchCompleted = "batch_completed": Batches, "batch", Counted, COMPLETED;
    BatchCancelled = "batch_cancelled": Batches, "batch", Plain, &["label_code", "restoration_summary"];
    BatchFailed = "batch_failed": Batches, "batch", Plain, &["label_code", "reason"];
    BatchMetricsComputed = "batch_metrics_computed": Batches, "batch", Plain, METRICS;
    TimerStarted = "timer_started": Batches, "timer", Counted, &["batch_id", "duration_seconds", "description"];
    TimerStopped = "timer_stopped": Batches, "timer", Plain, &["batch_id", "duration_seconds"];

    ProductCreated = "product_created": Products, "product", Plain, &["product_name"];
    ProductVariantCreated = "product_variant_created": Products, "product_variant", Plain, &["product_id", "variant_name"];
    SkuCreated = "sku_created": Products, "sku", Plain, &["product_id", "variant_id", "size_label", "sku_code"];
    SkuUpdated = "sku_updated": Products, "sku", Plain, &["retail_price"];
    SkuSold = "sku_sold": Products, "sku", Plain, SOLD;
    SkuReserved = "sku_reserved": Products, "sku", Plain, &["reservation_id", "quantity", "unit"];
    ReservationReleased = "reservation_released": Products, "sku", Plain, &["reservation_id", "quantity", "unit", "reason"];

    ImportCompleted = "import_completed": Imports, "import", Plain, &["kind", "file_name", "rows", "new_items"];
    ImportUndone = "import_undone": Imports, "import", Plain, &["kind"];

    GlobalItemCreated = "global_item_created": Library, "global_item", Plain, &["name", "item_type"];
    GlobalItemDeleted = "global_item_deleted": Library, "global_item", Plain, &["name", "item_type"];

    WebhookEndpointCreated = "webhook_endpoint_created": Webhooks, "webhook_endpoint", Plain, ENDPOINT;
    WebhookEndpointUpdated = "webhook_endpoint_updated": Webhooks, "webhook_endpoint", Plain, ENDPOINT;
    WebhookEndpointDeleted = "webhook_endpoint_deleted": Webhooks, "webhook_endpoint", Plain, &["url"];
    WebhookEndpointDisabled = "webhook_endpoint_disabled": Webhooks, "webhook_endpoint", Plain, &["url", "reason"];
    WebhookEndpointSecretRotated = "webhook_endpoint_secret_rotated": Webhooks, "webhook_endpoint", Plain, &["url"];
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_told_apart_and_fit_what_subscribers_accept() {
        let names: BTreeSet<_> = Event::ALL.iter().map(|event| event.as_str()).collect();
        assert_eq!(names.len(), Event::ALL.len());
        for name in names {
            assert!(
                name.chars()
                    .all(|c| c.is_ascii_lowercase() || "_.".contains(c))
                    && name.len() <= 128,
                "{name}"
            );
        }
    }

    #[test]
    fn every_category_has_events_and_none_asks_for_a_property_twice() {
        let used: BTreeSet<_> = Event::ALL
            .iter()
            .map(|event| event.entry().category)
            .collect();
        assert_eq!(used.len(), Category::ALL.len());
        for event in Event::ALL {
            let required = event.entry().required;
            let once: BTreeSet<_> = required.iter().collect();
            assert_eq!(once.len(), required.len(), "{event}");
        }
    }
}
