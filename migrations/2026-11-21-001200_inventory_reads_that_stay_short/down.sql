DROP FUNCTION search_products(text, integer);
DROP FUNCTION search_recipes(text, boolean, integer);
DROP FUNCTION search_inventory_items(text, text[], boolean, integer);
DROP FUNCTION search_names(regclass, text, text, text, text, text[], text, integer);
DROP FUNCTION names_like(regclass, text, text[], text);
DROP INDEX products_shuffled, recipes_shuffled, inventory_items_shuffled, products_search, recipes_search,
    inventory_items_search_products, inventory_items_search;
DROP EXTENSION btree_gin;
CREATE INDEX inventory_items_search ON inventory_items USING gin (lower(name) gin_trgm_ops);

DROP INDEX recipe_groups_name_key;
ALTER TABLE recipe_groups DROP COLUMN name_key;
CREATE UNIQUE INDEX recipe_groups_name_key ON recipe_groups (organization_id, lower(name));

DROP INDEX batches_completed, batches_in_progress, recipes_archived, inventory_items_of_category,
    inventory_items_archived, inventory_items_on_hand, inventory_items_short,
    inventory_items_low_by_name, inventory_items_low;
ALTER TABLE inventory_items DROP COLUMN percent_left, DROP COLUMN short_stock, DROP COLUMN has_stock;
CREATE INDEX inventory_items_low ON inventory_items (organization_id, id) WHERE is_low AND archived_at IS NULL;

DROP TABLE inventory_sums;

CREATE FUNCTION search_inventory_items(query text, wanted_type text, most integer)
    RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public
    AS $$
    SELECT id FROM public.inventory_items
    WHERE organization_id = public.app_organization()
      AND archived_at IS NULL
      AND lower(name) LIKE '%' || replace(replace(replace(lower(query), '\', '\\'), '%', '\%'), '_', '\_') || '%'
      AND (wanted_type IS NULL OR type = wanted_type)
    ORDER BY char_length(name), lower(name), id
    LIMIT least(most, 1000)
$$;
REVOKE ALL ON FUNCTION search_inventory_items(text, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_inventory_items(text, text, integer) TO batchtrack_app;
CREATE FUNCTION search_product_skus(query text, most integer) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public
    AS $$
    SELECT k.id FROM public.product_skus k
    JOIN public.inventory_items i ON i.organization_id = k.organization_id AND i.id = k.item_id
    WHERE k.organization_id = public.app_organization()
      AND i.organization_id = public.app_organization()
      AND i.archived_at IS NULL
      AND lower(i.name) LIKE '%' || replace(replace(replace(lower(query), '\', '\\'), '%', '\%'), '_', '\_') || '%'
    ORDER BY char_length(i.name), lower(i.name), k.id
    LIMIT least(most, 1000)
$$;
REVOKE ALL ON FUNCTION search_product_skus(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_product_skus(text, integer) TO batchtrack_app;
