use crate::kernel::words::words;
use serde_json::Value;

words! {
    /// Who follows events. Each has a row of its own for every event that concerns it.
    pub enum Consumer {
        Dispatcher = "dispatcher",
    }
}

/// Who must hear of `event`. Whatever is recorded concerns the dispatcher, which knows the
/// subscribers; a consumer with a narrower interest says so here.
pub const fn consumers_of(_event: &str) -> &'static [Consumer] {
    &[Consumer::Dispatcher]
}

/// A fact to be recorded: ids and primitives only, so that the outbox knows no feature.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    pub name: &'static str,
    pub entity_type: &'static str,
    pub entity_id: i64,
    pub properties: Value,
}

impl NewEvent {
    /// `name` and `entity_type` are a pair of [`REGISTRY`]; `tests/architecture.rs` reads the calls,
    /// and in debug builds `emit` refuses any other.
    pub const fn new(
        name: &'static str,
        entity_type: &'static str,
        entity_id: i64,
        properties: Value,
    ) -> Self {
        Self {
            name,
            entity_type,
            entity_id,
            properties,
        }
    }
}

/// Every event there is and the entity it is about. Names never change once released: subscribers
/// know them.
pub const REGISTRY: &[(&str, &str)] = &[
    ("account_created", "organization"),
    ("batch_cancelled", "batch"),
    ("batch_completed", "batch"),
    ("batch_failed", "batch"),
    ("batch_started", "batch"),
    ("free_account_created", "organization"),
    ("import_completed", "import"),
    ("import_undone", "import"),
    ("inventory_action_reversed", "inventory_action"),
    ("inventory_adjusted", "inventory_item"),
    ("inventory_item_created", "inventory_item"),
    ("inventory_item_custom_created", "inventory_item"),
    ("inventory_item_global_created", "inventory_item"),
    ("plan_production_requested", "recipe"),
    ("product_created", "product"),
    ("product_variant_created", "product_variant"),
    ("recipe_created", "recipe"),
    ("recipe_deleted", "recipe"),
    ("recipe_updated", "recipe"),
    ("signup_completed", "organization"),
    ("sku_created", "sku"),
    ("sku_sold", "sku"),
    ("sku_updated", "sku"),
    ("stock_check_run", "recipe"),
    ("user_login_succeeded", "user"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_order_and_only_once() {
        assert!(REGISTRY.is_sorted_by(|(a, _), (b, _)| a < b));
    }

    #[test]
    fn every_event_is_heard_by_somebody() {
        for (name, _) in REGISTRY {
            assert!(!consumers_of(name).is_empty(), "{name}");
        }
    }
}
