-- Quantities are whole millionths of the dimension's base unit, values whole millionths of the
-- organisation's currency.

CREATE TABLE inventory_items (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
    type text NOT NULL
        CONSTRAINT inventory_items_type CHECK (type IN ('ingredient', 'container', 'packaging', 'consumable', 'product')),
    dimension text NOT NULL
        CONSTRAINT inventory_items_dimension CHECK (dimension IN ('weight', 'volume', 'count', 'length', 'area', 'time')),
    -- How quantities of it are written; changing it touches no lot.
    unit text NOT NULL,
    -- Millionths of a gram per millilitre.
    density bigint CHECK (density > 0),
    category_id bigint REFERENCES ingredient_categories (id),
    global_item_id bigint REFERENCES global_items (id),
    shelf_life_days integer CHECK (shelf_life_days > 0),
    low_stock_threshold bigint CHECK (low_stock_threshold >= 0),
    -- Made by a batch rather than bought.
    is_intermediate boolean NOT NULL DEFAULT false,
    capacity bigint CHECK (capacity > 0),
    capacity_unit text,
    notes text NOT NULL DEFAULT '',
    -- What its lots hold together, and what that is worth. Under the average method the value lives
    -- here alone and the lots hold quantity only.
    quantity bigint NOT NULL DEFAULT 0,
    value bigint NOT NULL DEFAULT 0,
    is_pooled boolean NOT NULL DEFAULT false,
    archived_at timestamptz,
    created_at timestamptz NOT NULL,
    created_by bigint,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT inventory_items_quantity CHECK (quantity >= 0),
    CONSTRAINT inventory_items_value CHECK (value >= 0 AND (quantity > 0 OR value = 0))
);
CREATE UNIQUE INDEX inventory_items_name_key ON inventory_items (organization_id, lower(name));
CREATE INDEX inventory_items_list ON inventory_items (organization_id, lower(name), id) WHERE archived_at IS NULL;
CREATE INDEX inventory_items_search ON inventory_items USING gin (lower(name) gin_trgm_ops);

-- A business action on stock: the cause of its movements.
CREATE TABLE inventory_actions (
    organization_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CONSTRAINT inventory_actions_kind CHECK (kind IN (
        'initial_stock', 'restock', 'manual_addition', 'returned',
        'use', 'sale', 'sample', 'tester', 'gift', 'donation',
        'spoil', 'trash', 'expired', 'damaged', 'quality_fail',
        'recount', 'revaluation',
        'batch_start', 'batch_extra', 'batch_completion', 'batch_failure', 'batch_cancellation',
        'reversal')),
    -- When it happened, and when we learned of it.
    effective_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by bigint,
    -- The action whose movements this one takes back; an action is taken back at most once.
    reverses_id bigint,
    batch_id bigint,
    import_id bigint,
    -- What was typed, for people: '35 pound', a reason, a customer, an order number.
    note text NOT NULL DEFAULT '',
    customer text,
    order_number text,
    -- What a customer paid for all of it.
    price bigint CHECK (price >= 0),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT inventory_actions_reverses_key UNIQUE (organization_id, reverses_id),
    CONSTRAINT inventory_actions_times CHECK (effective_at <= recorded_at),
    CONSTRAINT inventory_actions_reverses CHECK ((kind IN ('reversal', 'batch_cancellation')) = (reverses_id IS NOT NULL)),
    FOREIGN KEY (organization_id, reverses_id) REFERENCES inventory_actions (organization_id, id)
);
CREATE INDEX inventory_actions_recent ON inventory_actions (organization_id, id DESC);
CREATE INDEX inventory_actions_batch ON inventory_actions (organization_id, batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX inventory_actions_import ON inventory_actions (organization_id, import_id) WHERE import_id IS NOT NULL;

-- One received parcel of an item. Its quantity and value are a running balance of its movements.
CREATE TABLE inventory_lots (
    organization_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    item_id bigint NOT NULL,
    code text NOT NULL CHECK (char_length(code) BETWEEN 1 AND 64),
    received_quantity bigint NOT NULL CHECK (received_quantity > 0),
    received_value bigint NOT NULL CHECK (received_value >= 0),
    quantity bigint NOT NULL,
    value bigint NOT NULL,
    received_at timestamptz NOT NULL,
    expires_at timestamptz,
    supplier text,
    -- The action that brought it.
    action_id bigint NOT NULL,
    batch_id bigint,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT inventory_lots_code_key UNIQUE (organization_id, code),
    CONSTRAINT inventory_lots_quantity CHECK (quantity BETWEEN 0 AND received_quantity),
    CONSTRAINT inventory_lots_value CHECK (value >= 0 AND (quantity > 0 OR value = 0)),
    FOREIGN KEY (organization_id, item_id) REFERENCES inventory_items (organization_id, id),
    FOREIGN KEY (organization_id, action_id) REFERENCES inventory_actions (organization_id, id)
);
-- First in, first out; ties go by id.
CREATE INDEX inventory_lots_fifo ON inventory_lots (organization_id, item_id, received_at, id) WHERE quantity > 0;
CREATE INDEX inventory_lots_item ON inventory_lots (organization_id, item_id, id);
CREATE INDEX inventory_lots_action ON inventory_lots (organization_id, action_id);
CREATE INDEX inventory_lots_batch ON inventory_lots (organization_id, batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX inventory_lots_expiry ON inventory_lots (organization_id, expires_at) WHERE quantity > 0 AND expires_at IS NOT NULL;

-- One change of one lot. Append-only: the app role may insert and read, and nobody changes a row.
CREATE TABLE inventory_movements (
    organization_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    action_id bigint NOT NULL,
    item_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    quantity bigint NOT NULL,
    value bigint NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT inventory_movements_sign CHECK (quantity <> 0 AND (value = 0 OR sign(quantity) = sign(value))),
    FOREIGN KEY (organization_id, action_id) REFERENCES inventory_actions (organization_id, id),
    FOREIGN KEY (organization_id, item_id) REFERENCES inventory_items (organization_id, id),
    FOREIGN KEY (organization_id, lot_id) REFERENCES inventory_lots (organization_id, id)
);
CREATE INDEX inventory_movements_item ON inventory_movements (organization_id, item_id, id DESC);
CREATE INDEX inventory_movements_lot ON inventory_movements (organization_id, lot_id, id);
CREATE INDEX inventory_movements_action ON inventory_movements (organization_id, action_id, id);

CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed; record a reversal instead', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
-- A purge of a whole tenant by the owner sets this for its transaction.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON inventory_movements
    FOR EACH ROW WHEN (coalesce(current_setting('app.purge', true), '') <> 'on')
    EXECUTE FUNCTION refuse_change();

SELECT fence_tenant_table('inventory_items');
SELECT fence_tenant_table('inventory_actions');
SELECT fence_tenant_table('inventory_lots');
SELECT fence_tenant_table('inventory_movements');
GRANT SELECT, INSERT, UPDATE ON inventory_items TO batchtrack_app;
GRANT SELECT, INSERT ON inventory_actions TO batchtrack_app;
GRANT SELECT, INSERT ON inventory_lots TO batchtrack_app;
GRANT UPDATE (quantity, value) ON inventory_lots TO batchtrack_app;
GRANT SELECT, INSERT ON inventory_movements TO batchtrack_app;

-- Substring search. LIKE is not leakproof, so under row level security the planner would leave the
-- trigram index unused; this runs as the owner and filters by the setting itself.
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
