CREATE TABLE products (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
    category_id bigint NOT NULL REFERENCES product_categories (id),
    is_discontinued boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    created_by bigint,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX products_name_key ON products (organization_id, lower(name));
CREATE INDEX products_list ON products (organization_id, lower(name), id);

CREATE TABLE product_variants (
    organization_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    product_id bigint NOT NULL,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id)
);
CREATE UNIQUE INDEX product_variants_name_key ON product_variants (organization_id, product_id, lower(name));

-- What is counted, priced and sold: a variant in one size. Its stock is one inventory item.
CREATE TABLE product_skus (
    organization_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    product_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    item_id bigint NOT NULL,
    size_label text NOT NULL CHECK (char_length(size_label) BETWEEN 1 AND 64),
    code text NOT NULL CHECK (char_length(code) BETWEEN 1 AND 64),
    retail_price bigint CHECK (retail_price >= 0),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT product_skus_item_key UNIQUE (organization_id, item_id),
    FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id),
    FOREIGN KEY (organization_id, variant_id) REFERENCES product_variants (organization_id, id),
    FOREIGN KEY (organization_id, item_id) REFERENCES inventory_items (organization_id, id)
);
CREATE UNIQUE INDEX product_skus_code_key ON product_skus (organization_id, lower(code));
CREATE UNIQUE INDEX product_skus_size_key ON product_skus (organization_id, variant_id, lower(size_label));
CREATE INDEX product_skus_product ON product_skus (organization_id, product_id, id);

SELECT fence_tenant_table('products');
SELECT fence_tenant_table('product_variants');
SELECT fence_tenant_table('product_skus');
GRANT SELECT, INSERT, UPDATE ON products, product_variants, product_skus TO batchtrack_app;

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
