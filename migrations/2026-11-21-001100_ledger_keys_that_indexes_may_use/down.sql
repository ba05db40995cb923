DROP INDEX inventory_actions_sales;

DROP INDEX products_name_key, products_list;
ALTER TABLE products DROP COLUMN name_key;
CREATE UNIQUE INDEX products_name_key ON products (organization_id, lower(name));
CREATE INDEX products_list ON products (organization_id, lower(name), id);

DROP INDEX recipes_list;
ALTER TABLE recipes DROP COLUMN name_key;
CREATE INDEX recipes_list ON recipes (organization_id, lower(name), id) WHERE is_current AND archived_at IS NULL;

DROP INDEX inventory_lots_fifo, inventory_lots_item, inventory_lots_expiry;
ALTER TABLE inventory_lots DROP COLUMN has_stock;
CREATE INDEX inventory_lots_fifo ON inventory_lots (organization_id, item_id, received_at, id) WHERE quantity > 0;
CREATE INDEX inventory_lots_item ON inventory_lots (organization_id, item_id, id);
CREATE INDEX inventory_lots_expiry ON inventory_lots (organization_id, expires_at)
    WHERE quantity > 0 AND expires_at IS NOT NULL;

DROP INDEX inventory_items_name_key, inventory_items_list, inventory_items_of_type, inventory_items_low,
    inventory_items_watched;
ALTER TABLE inventory_items DROP COLUMN name_key, DROP COLUMN is_low;
CREATE UNIQUE INDEX inventory_items_name_key ON inventory_items (organization_id, lower(name));
CREATE INDEX inventory_items_list ON inventory_items (organization_id, lower(name), id) WHERE archived_at IS NULL;
