-- One run of a recipe. It keeps its own copy of what it was made from.
CREATE TABLE batches (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    label text NOT NULL,
    recipe_id bigint NOT NULL,
    recipe_name text NOT NULL,
    status text NOT NULL CONSTRAINT batches_status CHECK (status IN ('in_progress', 'completed', 'failed', 'cancelled')),
    batch_type text NOT NULL CONSTRAINT batches_type CHECK (batch_type IN ('ingredient', 'product')),
    -- Millionths.
    scale bigint NOT NULL CHECK (scale > 0),
    projected_yield bigint NOT NULL CHECK (projected_yield > 0),
    yield_unit text NOT NULL,
    final_quantity bigint CHECK (final_quantity > 0),
    final_unit text,
    notes text NOT NULL DEFAULT '',
    status_reason text NOT NULL DEFAULT '',
    -- Value in = value out + value in progress + value lost, at every moment.
    input_value bigint NOT NULL CHECK (input_value >= 0),
    output_value bigint NOT NULL DEFAULT 0 CHECK (output_value >= 0),
    lost_value bigint NOT NULL DEFAULT 0 CHECK (lost_value >= 0),
    started_at timestamptz NOT NULL,
    started_by bigint,
    finished_at timestamptz,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT batches_label_key UNIQUE (organization_id, label),
    CONSTRAINT batches_value CHECK (
        CASE status
            WHEN 'in_progress' THEN output_value = 0 AND lost_value = 0
            WHEN 'cancelled' THEN input_value = 0 AND output_value = 0 AND lost_value = 0
            ELSE input_value = output_value + lost_value
        END),
    FOREIGN KEY (organization_id, recipe_id) REFERENCES recipes (organization_id, id)
);
CREATE INDEX batches_list ON batches (organization_id, status, id DESC);
CREATE INDEX batches_recent ON batches (organization_id, id DESC);
CREATE INDEX batches_recipe ON batches (organization_id, recipe_id, id DESC);

-- What the batch was to take and took, line by line, at the value it had then.
CREATE TABLE batch_lines (
    organization_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    kind text NOT NULL CONSTRAINT batch_lines_kind CHECK (kind IN ('ingredient', 'consumable', 'container')),
    item_id bigint NOT NULL,
    item_name text NOT NULL,
    -- As written in the recipe, before scaling.
    amount bigint NOT NULL,
    unit text NOT NULL,
    -- Taken from stock; zero when the batch was started without it.
    quantity bigint NOT NULL CHECK (quantity >= 0),
    value bigint NOT NULL CHECK (value >= 0),
    is_skipped boolean NOT NULL DEFAULT false,
    PRIMARY KEY (organization_id, batch_id, position),
    FOREIGN KEY (organization_id, batch_id) REFERENCES batches (organization_id, id),
    FOREIGN KEY (organization_id, item_id) REFERENCES inventory_items (organization_id, id)
);
CREATE INDEX batch_lines_item ON batch_lines (organization_id, item_id);

-- What came of it: the lots it made and the share of its value that each carries.
CREATE TABLE batch_outputs (
    organization_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    action_id bigint NOT NULL,
    item_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    value bigint NOT NULL CHECK (value >= 0),
    PRIMARY KEY (organization_id, batch_id, lot_id),
    FOREIGN KEY (organization_id, batch_id) REFERENCES batches (organization_id, id),
    FOREIGN KEY (organization_id, action_id) REFERENCES inventory_actions (organization_id, id),
    FOREIGN KEY (organization_id, item_id) REFERENCES inventory_items (organization_id, id),
    FOREIGN KEY (organization_id, lot_id) REFERENCES inventory_lots (organization_id, id)
);

-- The number at the end of the next label, per year.
CREATE TABLE batch_label_counters (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    year integer NOT NULL,
    last_number integer NOT NULL,
    PRIMARY KEY (organization_id, year)
);

SELECT fence_tenant_table('batches');
SELECT fence_tenant_table('batch_lines');
SELECT fence_tenant_table('batch_outputs');
SELECT fence_tenant_table('batch_label_counters');
GRANT SELECT, INSERT, UPDATE ON batches, batch_label_counters TO batchtrack_app;
GRANT SELECT, INSERT ON batch_lines TO batchtrack_app;
GRANT SELECT, INSERT, DELETE ON batch_outputs TO batchtrack_app;

-- The ledger knew batches by number only until now.
ALTER TABLE inventory_actions ADD CONSTRAINT inventory_actions_batch_fkey
    FOREIGN KEY (organization_id, batch_id) REFERENCES batches (organization_id, id);
ALTER TABLE inventory_lots ADD CONSTRAINT inventory_lots_batch_fkey
    FOREIGN KEY (organization_id, batch_id) REFERENCES batches (organization_id, id);
