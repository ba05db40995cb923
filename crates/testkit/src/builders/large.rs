//! An organisation grown large, put down by SQL: what the ledger would have written, faster.
use crate::TestDb;
use batchtrack_core::kernel::ids::{ItemId, OrganizationId};
use diesel_async::SimpleAsyncConnection as _;

/// How much of everything there is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Ingredients, each with two lots; one in two hundred is low.
    pub items: u32,
    /// Times that each lot was taken from.
    pub uses_per_lot: u32,
}

impl Size {
    pub const fn movements(self) -> u64 {
        // As many lots again hang on one item.
        let lots = self.items as u64 * 2 + self.lots_of_one();
        lots * (1 + self.uses_per_lot as u64)
    }
    /// The most used item of all has this many lots besides.
    pub const fn lots_of_one(self) -> u64 {
        self.items as u64 / 10
    }
}

impl TestDb {
    /// Fills an organisation that has nothing yet: items, lots, movements, recipes, batches and
    /// products. The books are in order. Answers the item that has the most of everything.
    #[expect(clippy::too_many_lines, reason = "most of them are one script")]
    pub async fn grow(&self, organization: OrganizationId, size: Size) -> ItemId {
        self.product_category("Uncategorized").await;
        let Size {
            items,
            uses_per_lot,
        } = size;
        let lots_of_one = size.lots_of_one();
        let now = self.clock.now().to_rfc3339();
        let (products, batches) = (items / 10, items / 2);
        let sql = format!(
            r"BEGIN;
SET LOCAL synchronous_commit = off;
INSERT INTO inventory_items (organization_id, name, type, dimension, unit, low_stock_threshold, created_at)
SELECT {organization}, (ARRAY['Basil','Lavender','Clay','Oil','Butter','Extract'])[1 + n % 6] || ' ' || md5(n::text) || ' ' || n,
    'ingredient', 'weight', 'gram', CASE WHEN n % 200 = 0 THEN 9000000000000 ELSE 1 END, '{now}'
FROM generate_series(1, {items}) n;
CREATE TEMP TABLE grown ON COMMIT DROP AS
    SELECT id AS item, row_number() OVER (ORDER BY id) AS n FROM inventory_items WHERE organization_id = {organization};
CREATE TEMP TABLE parcels ON COMMIT DROP AS
    SELECT item, row_number() OVER () AS n FROM (
        SELECT item FROM grown CROSS JOIN generate_series(1, 2)
        UNION ALL SELECT item FROM grown CROSS JOIN generate_series(1, {lots_of_one}) WHERE n = 1) p;
CREATE TEMP TABLE acted ON COMMIT DROP AS SELECT 0::bigint AS id, 0::bigint AS n LIMIT 0;
WITH made AS (
    INSERT INTO inventory_actions (organization_id, kind, effective_at, recorded_at)
    SELECT {organization}, 'restock', '{now}', '{now}' FROM parcels ORDER BY n RETURNING id)
INSERT INTO acted SELECT id, row_number() OVER (ORDER BY id) FROM made;
INSERT INTO inventory_lots (organization_id, item_id, code, received_quantity, received_value, quantity, value,
    received_at, expires_at, action_id)
SELECT {organization}, p.item, 'LOT-' || {organization} || '-' || p.n, 1000000000, 1000000,
    1000000000 - {uses_per_lot} * 1000, 1000000 - {uses_per_lot},
    timestamptz '{now}' - p.n * interval '1 second',
    CASE WHEN p.n % 3 = 0 THEN timestamptz '{now}' + interval '30 days' END, a.id
FROM parcels p JOIN acted a USING (n);
INSERT INTO inventory_movements (organization_id, action_id, item_id, lot_id, quantity, value, effective_at, recorded_at)
SELECT {organization}, action_id, item_id, id, 1000000000, 1000000, received_at, '{now}'
FROM inventory_lots WHERE organization_id = {organization};
CREATE TEMP TABLE takings ON COMMIT DROP AS
    SELECT item_id, id AS lot, row_number() OVER (ORDER BY u, id) AS n
    FROM inventory_lots CROSS JOIN generate_series(1, {uses_per_lot}) u WHERE organization_id = {organization};
TRUNCATE acted;
WITH made AS (
    INSERT INTO inventory_actions (organization_id, kind, effective_at, recorded_at)
    SELECT {organization}, 'use', '{now}', '{now}' FROM takings ORDER BY n RETURNING id)
INSERT INTO acted SELECT id, row_number() OVER (ORDER BY id) FROM made;
INSERT INTO inventory_movements (organization_id, action_id, item_id, lot_id, quantity, value, effective_at, recorded_at)
SELECT {organization}, a.id, t.item_id, t.lot, -1000, -1, '{now}', '{now}' FROM takings t JOIN acted a USING (n);
UPDATE inventory_items i SET quantity = l.quantity, value = l.value
FROM (SELECT item_id, sum(quantity) AS quantity, sum(value) AS value FROM inventory_lots
      WHERE organization_id = {organization} GROUP BY item_id) l
WHERE i.organization_id = {organization} AND i.id = l.item_id;

INSERT INTO recipe_groups (organization_id, name, prefix, created_at)
SELECT {organization}, 'Recipe ' || md5(n::text) || ' ' || n, 'R' || n, '{now}' FROM generate_series(1, {products}) n;
INSERT INTO recipes (organization_id, group_id, version_number, name, status, category_id, yield_amount, yield_unit, created_at)
SELECT {organization}, id, 1, name, 'published', (SELECT id FROM product_categories WHERE name = 'Uncategorized'),
    1000000, 'count', '{now}'
FROM recipe_groups WHERE organization_id = {organization};
INSERT INTO recipe_lines (organization_id, recipe_id, position, kind, item_id, amount, unit)
SELECT {organization}, r.id, g.n, 'ingredient', g.item, 1000000, 'gram'
FROM recipes r CROSS JOIN (SELECT item, n FROM grown WHERE n <= 5) g WHERE r.organization_id = {organization};
INSERT INTO batches (organization_id, label, recipe_id, recipe_name, status, batch_type, scale, projected_yield,
    yield_unit, input_value, started_at, finished_at)
SELECT {organization}, 'B-' || n, r.first + n % {products}, 'Recipe',
    CASE WHEN n <= 40 THEN 'in_progress' WHEN n % 20 = 0 THEN 'cancelled' ELSE 'completed' END, 'product', 1000000, 1000000, 'count', 0,
    timestamptz '{now}' - n * interval '1 hour', CASE WHEN n > 40 THEN timestamptz '{now}' - n * interval '1 hour' END
FROM generate_series(1, {batches}) n, (SELECT min(id) AS first FROM recipes WHERE organization_id = {organization}) r;
INSERT INTO inventory_actions (organization_id, kind, effective_at, recorded_at, batch_id)
SELECT {organization}, k.kind, '{now}', '{now}', b.id
FROM batches b JOIN (VALUES (1, 'batch_start'), (2, 'batch_completion')) AS k (n, kind)
  ON b.status = 'completed' OR b.status = 'in_progress' AND k.n = 1
WHERE b.organization_id = {organization} ORDER BY b.id, k.n;

INSERT INTO products (organization_id, name, category_id, created_at)
SELECT {organization}, name, (SELECT id FROM product_categories WHERE name = 'Uncategorized'), '{now}'
FROM recipe_groups WHERE organization_id = {organization};
INSERT INTO product_variants (organization_id, product_id, name, created_at)
SELECT {organization}, id, 'Base', '{now}' FROM products WHERE organization_id = {organization};
INSERT INTO inventory_items (organization_id, name, type, dimension, unit, low_stock_threshold, created_at)
SELECT {organization}, name || ' - Base - Each', 'product', 'count', 'count', CASE WHEN id % 100 = 0 THEN 1000000 END, '{now}'
FROM products WHERE organization_id = {organization};
INSERT INTO product_skus (organization_id, product_id, variant_id, item_id, size_label, code, created_at)
SELECT {organization}, p.id, v.id, i.id, 'Each', 'SKU-' || p.id, '{now}'
FROM products p
JOIN product_variants v ON v.organization_id = p.organization_id AND v.product_id = p.id
JOIN inventory_items i ON i.organization_id = p.organization_id AND lower(i.name) = lower(p.name || ' - Base - Each')
WHERE p.organization_id = {organization};
INSERT INTO inventory_sums (organization_id, type, items, low, value)
SELECT organization_id, type, count(*), count(*) FILTER (WHERE is_low), sum(value)
FROM inventory_items WHERE organization_id = {organization} AND archived_at IS NULL GROUP BY organization_id, type;
COMMIT;
VACUUM ANALYZE;"
        );
        let mut owner = self.owner_conn().await;
        // VACUUM may not stand in the same message as others.
        let (fill, vacuum) = sql.split_once("COMMIT;").expect("both parts");
        owner
            .batch_execute(&format!("{fill}COMMIT"))
            .await
            .expect("a large organisation");
        let vacuum = vacuum.trim().trim_end_matches(';');
        owner.batch_execute(vacuum).await.expect("statistics");
        diesel_async::RunQueryDsl::get_result(
            diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!(
                "SELECT min(id) FROM inventory_items WHERE organization_id = {organization}"
            )),
            &mut owner,
        )
        .await
        .expect("an item")
    }
}
