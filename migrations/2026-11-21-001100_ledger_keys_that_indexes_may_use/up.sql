-- What lists sort and filter by, kept in columns of its own. Under row level security an index on an
-- expression goes unused when its function is not leakproof, and lower() is not: every look-up of a
-- name read the whole table. And an index whose condition names a quantity is written anew with each
-- movement; a state that seldom turns is not.
ALTER TABLE inventory_items
    ADD COLUMN name_key text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
    ADD COLUMN is_low boolean NOT NULL
        GENERATED ALWAYS AS (coalesce(low_stock_threshold > 0 AND quantity <= low_stock_threshold, false)) STORED;
DROP INDEX inventory_items_name_key;
CREATE UNIQUE INDEX inventory_items_name_key ON inventory_items (organization_id, name_key);
DROP INDEX inventory_items_list;
CREATE INDEX inventory_items_list ON inventory_items (organization_id, name_key, id) WHERE archived_at IS NULL;
CREATE INDEX inventory_items_of_type ON inventory_items (organization_id, type, name_key, id) WHERE archived_at IS NULL;
CREATE INDEX inventory_items_low ON inventory_items (organization_id, id) WHERE is_low AND archived_at IS NULL;
CREATE INDEX inventory_items_watched ON inventory_items (organization_id, id)
    WHERE type = 'product' AND low_stock_threshold > 0;

ALTER TABLE inventory_lots
    ADD COLUMN has_stock boolean NOT NULL GENERATED ALWAYS AS (quantity > 0) STORED;
DROP INDEX inventory_lots_fifo;
CREATE INDEX inventory_lots_fifo ON inventory_lots (organization_id, item_id, received_at, id) WHERE has_stock;
DROP INDEX inventory_lots_item;
CREATE INDEX inventory_lots_item ON inventory_lots (organization_id, item_id, received_at, id);
DROP INDEX inventory_lots_expiry;
CREATE INDEX inventory_lots_expiry ON inventory_lots (organization_id, expires_at) WHERE has_stock AND expires_at IS NOT NULL;

ALTER TABLE recipes ADD COLUMN name_key text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED;
DROP INDEX recipes_list;
CREATE INDEX recipes_list ON recipes (organization_id, name_key, id) WHERE is_current AND archived_at IS NULL;

ALTER TABLE products ADD COLUMN name_key text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED;
DROP INDEX products_name_key;
CREATE UNIQUE INDEX products_name_key ON products (organization_id, name_key);
DROP INDEX products_list;
CREATE INDEX products_list ON products (organization_id, name_key, id);

-- Whether anything was ever sold.
CREATE INDEX inventory_actions_sales ON inventory_actions (organization_id, id) WHERE kind = 'sale';
