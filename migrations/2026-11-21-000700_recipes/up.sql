-- The name that a recipe's versions share.
CREATE TABLE recipe_groups (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
    prefix text NOT NULL CHECK (prefix ~ '^[A-Z0-9]{1,8}$'),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT recipe_groups_prefix_key UNIQUE (organization_id, prefix)
);
CREATE UNIQUE INDEX recipe_groups_name_key ON recipe_groups (organization_id, lower(name));

-- One version. A batch copies what it needs, so later versions never touch it.
CREATE TABLE recipes (
    organization_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    group_id bigint NOT NULL,
    version_number integer NOT NULL CHECK (version_number > 0),
    is_current boolean NOT NULL DEFAULT true,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
    status text NOT NULL CONSTRAINT recipes_status CHECK (status IN ('draft', 'published')),
    instructions text NOT NULL DEFAULT '',
    category_id bigint NOT NULL REFERENCES product_categories (id),
    -- Millionths of the unit it is written in.
    yield_amount bigint NOT NULL CHECK (yield_amount > 0),
    yield_unit text NOT NULL,
    import_id bigint,
    archived_at timestamptz,
    created_at timestamptz NOT NULL,
    created_by bigint,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT recipes_version_key UNIQUE (organization_id, group_id, version_number),
    FOREIGN KEY (organization_id, group_id) REFERENCES recipe_groups (organization_id, id)
);
CREATE UNIQUE INDEX recipes_current_key ON recipes (organization_id, group_id) WHERE is_current;
CREATE INDEX recipes_list ON recipes (organization_id, lower(name), id) WHERE is_current AND archived_at IS NULL;
CREATE INDEX recipes_import ON recipes (organization_id, import_id) WHERE import_id IS NOT NULL;

CREATE TABLE recipe_lines (
    organization_id bigint NOT NULL,
    recipe_id bigint NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    kind text NOT NULL CONSTRAINT recipe_lines_kind CHECK (kind IN ('ingredient', 'consumable', 'container')),
    item_id bigint NOT NULL,
    -- As written: millionths of `unit`. Scaled first, then converted, then rounded once.
    amount bigint NOT NULL CHECK (amount > 0),
    unit text NOT NULL,
    PRIMARY KEY (organization_id, recipe_id, position),
    FOREIGN KEY (organization_id, recipe_id) REFERENCES recipes (organization_id, id),
    FOREIGN KEY (organization_id, item_id) REFERENCES inventory_items (organization_id, id)
);
CREATE INDEX recipe_lines_item ON recipe_lines (organization_id, item_id);

SELECT fence_tenant_table('recipe_groups');
SELECT fence_tenant_table('recipes');
SELECT fence_tenant_table('recipe_lines');
GRANT SELECT, INSERT, UPDATE, DELETE ON recipe_groups, recipes, recipe_lines TO batchtrack_app;
