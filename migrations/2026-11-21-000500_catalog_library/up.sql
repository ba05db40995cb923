-- What the platform knows and every organisation may use: categories with usual densities, and a
-- library of ingredients and containers. `batchtrack migrate` fills them from the files in
-- crates/core/catalog.
CREATE TABLE ingredient_categories (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CONSTRAINT ingredient_categories_name_key UNIQUE,
    -- Millionths of a gram per millilitre.
    default_density bigint CHECK (default_density > 0)
);

CREATE TABLE product_categories (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CONSTRAINT product_categories_name_key UNIQUE,
    is_typically_portioned boolean NOT NULL
);

CREATE TABLE global_items (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    item_type text NOT NULL CHECK (item_type IN ('ingredient', 'container', 'packaging', 'consumable')),
    category_id bigint REFERENCES ingredient_categories (id),
    default_unit text NOT NULL,
    density bigint CHECK (density > 0),
    inci_name text,
    cas_number text,
    shelf_life_days integer CHECK (shelf_life_days > 0),
    -- Alternative names, separated by '; '.
    aliases text NOT NULL DEFAULT '',
    capacity bigint CHECK (capacity > 0),
    capacity_unit text,
    container_material text,
    container_type text,
    container_style text,
    container_color text,
    CONSTRAINT global_items_name_key UNIQUE (item_type, name)
);
CREATE INDEX global_items_search ON global_items USING gin ((lower(name || '; ' || aliases)) gin_trgm_ops);

GRANT SELECT ON ingredient_categories, product_categories, global_items TO batchtrack_app, batchtrack_system;
