-- A file of purchases or recipes that was taken in whole, and can be taken back whole.
CREATE TABLE imports (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CONSTRAINT imports_kind CHECK (kind IN ('purchases', 'recipes')),
    file_name text NOT NULL,
    row_count integer NOT NULL,
    -- Items that did not exist before; archived again when the import is undone and nothing uses them.
    created_item_ids bigint[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    created_by bigint,
    undone_at timestamptz,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX imports_recent ON imports (organization_id, id DESC);

SELECT fence_tenant_table('imports');
GRANT SELECT, INSERT, UPDATE ON imports TO batchtrack_app;

ALTER TABLE inventory_actions ADD CONSTRAINT inventory_actions_import_fkey
    FOREIGN KEY (organization_id, import_id) REFERENCES imports (organization_id, id);
ALTER TABLE recipes ADD CONSTRAINT recipes_import_fkey
    FOREIGN KEY (organization_id, import_id) REFERENCES imports (organization_id, id);
