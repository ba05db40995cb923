//! Which tables belong to tenants. A test holds this list against the database's own catalogue.

/// What keeps one tenant's rows from another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    /// Rows carry `organization_id`, which begins every key; row level security is forced.
    Tenant,
    /// The organisation's own row, fenced by its `id`.
    Organization,
    /// Rows of the platform that a member may see under a policy of their own.
    Guarded,
    /// Rows that are the same for everybody.
    Platform,
}

pub const TABLES: &[(&str, Fence)] = &[
    ("batch_label_counters", Fence::Tenant),
    ("batch_lines", Fence::Tenant),
    ("batch_outputs", Fence::Tenant),
    ("batches", Fence::Tenant),
    ("daily_tables", Fence::Platform),
    ("domain_events", Fence::Tenant),
    ("global_items", Fence::Platform),
    ("idempotency_keys", Fence::Tenant),
    ("imports", Fence::Tenant),
    ("ingredient_categories", Fence::Platform),
    ("inventory_actions", Fence::Tenant),
    ("inventory_items", Fence::Tenant),
    ("inventory_lot_expiries", Fence::Tenant),
    ("inventory_lots", Fence::Tenant),
    ("inventory_movements", Fence::Tenant),
    ("inventory_sums", Fence::Tenant),
    ("job_minutes", Fence::Platform),
    ("job_recurrences", Fence::Platform),
    ("job_workers", Fence::Platform),
    ("jobs", Fence::Guarded),
    ("jobs_dead", Fence::Guarded),
    ("jobs_delayed", Fence::Guarded),
    ("mail_digests", Fence::Tenant),
    ("mail_letters", Fence::Guarded),
    ("mail_preferences", Fence::Guarded),
    ("mail_suppressions", Fence::Guarded),
    ("memberships", Fence::Tenant),
    ("operator_audit", Fence::Guarded),
    ("operator_hook_failures", Fence::Tenant),
    ("organizations", Fence::Organization),
    ("outbox_positions", Fence::Platform),
    ("product_categories", Fence::Platform),
    ("product_skus", Fence::Tenant),
    ("product_variants", Fence::Tenant),
    ("products", Fence::Tenant),
    ("recipe_groups", Fence::Tenant),
    ("recipe_lines", Fence::Tenant),
    ("recipes", Fence::Tenant),
    ("stock_notices", Fence::Tenant),
    ("usage_counters", Fence::Tenant),
    ("users", Fence::Guarded),
    ("webhook_attempts", Fence::Tenant),
    ("webhook_deliveries", Fence::Tenant),
    ("webhook_endpoints", Fence::Tenant),
    ("webhook_replays", Fence::Tenant),
    ("webhook_secrets", Fence::Tenant),
];
