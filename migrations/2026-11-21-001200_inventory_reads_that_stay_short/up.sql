-- Reads that cost the same however much there is: sums that are kept, searches that stop, and lists
-- that find their rows in an index.

-- What an organisation's stock amounts to, by type of item; the archive doesn't count. Whoever
-- changes items adds the difference to a row that nobody holds just then, or else to a new one: no
-- writer waits for another, nobody waits in a ring, and there are no more rows than there ever were
-- writers at once. The sum of a type's rows is what counts; a row by itself means nothing.
CREATE TABLE inventory_sums (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    type text NOT NULL,
    items bigint NOT NULL,
    low bigint NOT NULL,
    value numeric NOT NULL,
    PRIMARY KEY (organization_id, id)
) WITH (fillfactor = 50);
INSERT INTO inventory_sums (organization_id, type, items, low, value)
SELECT organization_id, type, count(*), count(*) FILTER (WHERE is_low), sum(value)
FROM inventory_items WHERE archived_at IS NULL GROUP BY organization_id, type;
SELECT fence_tenant_table('inventory_sums');
GRANT SELECT, INSERT, UPDATE ON inventory_sums TO batchtrack_app;

-- How much of the threshold is left of what runs low, in percent: lists go by it. It seldom turns,
-- and quantities, which turn with every movement, must stand in no index.
ALTER TABLE inventory_items
    ADD COLUMN percent_left smallint GENERATED ALWAYS AS (
        CASE WHEN low_stock_threshold > 0 AND quantity <= low_stock_threshold
            THEN trunc(quantity * 100.0 / low_stock_threshold) END) STORED,
    -- The stock of a SKU that is to be made again.
    ADD COLUMN short_stock bigint GENERATED ALWAYS AS (
        CASE WHEN type = 'product' AND quantity <= coalesce(low_stock_threshold, 0) THEN quantity END) STORED,
    ADD COLUMN has_stock boolean NOT NULL GENERATED ALWAYS AS (quantity > 0) STORED;
DROP INDEX inventory_items_low;
CREATE INDEX inventory_items_low ON inventory_items (organization_id, percent_left, id)
    WHERE is_low AND archived_at IS NULL;
CREATE INDEX inventory_items_low_by_name ON inventory_items (organization_id, name_key, id)
    WHERE is_low AND archived_at IS NULL;
CREATE INDEX inventory_items_short ON inventory_items (organization_id, short_stock, id)
    WHERE short_stock IS NOT NULL AND archived_at IS NULL;
CREATE INDEX inventory_items_on_hand ON inventory_items (organization_id, name_key, id)
    WHERE has_stock AND archived_at IS NULL;
CREATE INDEX inventory_items_archived ON inventory_items (organization_id, name_key, id)
    WHERE archived_at IS NOT NULL;
CREATE INDEX inventory_items_of_category ON inventory_items (organization_id, category_id, name_key, id)
    WHERE category_id IS NOT NULL AND archived_at IS NULL;
CREATE INDEX recipes_archived ON recipes (organization_id, name_key, id)
    WHERE is_current AND archived_at IS NOT NULL;

-- What is in progress, and what was completed when, without a look at the batches themselves.
CREATE INDEX batches_in_progress ON batches (organization_id, id) INCLUDE (input_value) WHERE status = 'in_progress';
CREATE INDEX batches_completed ON batches (organization_id, finished_at) INCLUDE (output_value)
    WHERE status = 'completed';

-- A look-up by name needs a column under row level security, as items have one.
ALTER TABLE recipe_groups ADD COLUMN name_key text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED;
DROP INDEX recipe_groups_name_key;
CREATE UNIQUE INDEX recipe_groups_name_key ON recipe_groups (organization_id, name_key);

-- Search in names. The organisation stands in the indexes, so that a word which all the others use
-- too costs nothing; and little is left unsorted there, where every search reads it through.
CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;
DROP INDEX inventory_items_search;
CREATE INDEX inventory_items_search ON inventory_items USING gin (organization_id, name_key gin_trgm_ops)
    WITH (gin_pending_list_limit = 256) WHERE type <> 'product';
-- Of a hundred thousand SKUs all are called 'Each'; who looks for an ingredient need not read past them.
CREATE INDEX inventory_items_search_products ON inventory_items USING gin (organization_id, name_key gin_trgm_ops)
    WITH (gin_pending_list_limit = 256) WHERE type = 'product';
CREATE INDEX recipes_search ON recipes USING gin (organization_id, name_key gin_trgm_ops)
    WITH (gin_pending_list_limit = 256);
CREATE INDEX products_search ON products USING gin (organization_id, name_key gin_trgm_ops)
    WITH (gin_pending_list_limit = 256);
-- Names in no order at all: the first thousand tell how many of all have a word in them.
CREATE INDEX inventory_items_shuffled ON inventory_items (organization_id, type, hashint8(id)) INCLUDE (id, name_key)
    WHERE archived_at IS NULL;
CREATE INDEX recipes_shuffled ON recipes (organization_id, hashint8(id)) INCLUDE (id, name_key)
    WHERE is_current AND archived_at IS NULL;
CREATE INDEX products_shuffled ON products (organization_id, hashint8(id)) INCLUDE (id, name_key);

-- The two functions below plan their statements anew each time, since how many names have a word in
-- them is what a plan hangs on. Both believe what they are given: only those after them call them.

-- Some five hundred of the rows with `pattern` in their names, by way of the trigrams and no other:
-- the planner would rather read an organisation's names one by one.
CREATE FUNCTION names_like(named regclass, condition text, types text[], pattern text)
    RETURNS TABLE (id bigint, name_key text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off
    SET enable_indexscan = off
    AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT n.id, n.name_key FROM %s n WHERE n.organization_id = $1 AND %s AND n.name_key LIKE $3 LIMIT 500',
        named, condition) USING app_organization(), types, pattern;
END
$$;

-- Ids of rows whose names contain `wanted`, the shortest names first. Nothing is sorted but some
-- hundred names: the first that begin with it, and others that have it among a thousand in no order.
-- A word that is rare there is looked up by its trigrams; one of two letters has them only where a
-- word begins. So the answer is all there is unless there is more than anybody reads.
CREATE FUNCTION search_names(named regclass, listed text, of_type text, in_types text, shuffle text,
    types text[], wanted text, most integer)
    RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off
    AS $$
DECLARE
    word text := lower(wanted);
    literal text := replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_');
    indexed text := CASE WHEN word ~ '[[:alnum:]]{3}' THEN '%' || literal || '%'
        WHEN word ~ '^[[:alnum:]]{2}' THEN '% ' || literal || '%' END;
    names text := format('SELECT n.id, n.name_key FROM unnest($2) k (type) CROSS JOIN LATERAL (
        SELECT n.id, n.name_key FROM %s n WHERE n.organization_id = $1 AND %s AND %s', named, listed, of_type);
    ids bigint[];
    keys text[];
BEGIN
    EXECUTE format('SELECT array_agg(id), array_agg(name_key)
            FROM (%s ORDER BY %s LIMIT 1000) n WHERE n.name_key LIKE $3 LIMIT 300) n', names, shuffle)
        INTO ids, keys USING app_organization(), types, '%' || literal || '%';
    IF coalesce(cardinality(ids), 0) < 50 AND indexed IS NOT NULL THEN
        SELECT ids || array_agg(n.id), keys || array_agg(n.name_key) INTO ids, keys
        FROM names_like(named, listed || ' AND ' || in_types, types, indexed) n;
    END IF;
    RETURN QUERY EXECUTE format('SELECT id FROM (
            %s AND n.name_key >= $5 AND n.name_key <= $5 || chr(1114111) AND n.name_key LIKE $6
                ORDER BY n.name_key, n.id LIMIT 100) n
            UNION SELECT * FROM unnest($3, $4) n (id, name_key)) n
        ORDER BY char_length(name_key), name_key, id LIMIT $7', names)
        USING app_organization(), types, ids, keys, word, literal || '%', most;
END
$$;
REVOKE ALL ON FUNCTION names_like(regclass, text, text[], text),
    search_names(regclass, text, text, text, text, text[], text, integer) FROM PUBLIC;

DROP FUNCTION search_inventory_items(text, text, integer);
DROP FUNCTION search_product_skus(text, integer);
-- As the owner, since LIKE is not leakproof: row level security would leave the indexes unused.
CREATE FUNCTION search_inventory_items(wanted text, types text[], is_archived boolean, most integer)
    RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT search_names('inventory_items', 'n.archived_at IS ' || CASE WHEN is_archived THEN 'NOT NULL' ELSE 'NULL' END,
        'n.type = k.type',
        -- Whatever the types are, the planner sees that one of the two indexes has them, or both.
        '(n.type = ''product'' OR n.type <> ''product'') AND n.type = ANY ($2)',
        CASE WHEN is_archived THEN 'n.name_key, n.id' ELSE 'hashint8(n.id)' END, types, wanted, most)
$$;
CREATE FUNCTION search_recipes(wanted text, is_archived boolean, most integer) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT search_names('recipes',
        'n.is_current AND n.archived_at IS ' || CASE WHEN is_archived THEN 'NOT NULL' ELSE 'NULL' END, 'true', 'true',
        CASE WHEN is_archived THEN 'n.name_key, n.id' ELSE 'hashint8(n.id)' END, '{recipe}', wanted, most)
$$;
CREATE FUNCTION search_products(wanted text, most integer) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$ SELECT search_names('products', 'true', 'true', 'true', 'hashint8(n.id)', '{product}', wanted, most) $$;
REVOKE ALL ON FUNCTION search_inventory_items(text, text[], boolean, integer), search_recipes(text, boolean, integer),
    search_products(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_inventory_items(text, text[], boolean, integer), search_recipes(text, boolean, integer),
    search_products(text, integer) TO batchtrack_app;
