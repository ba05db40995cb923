-- The fence between tenants. Each unit of work sets `app.organization_id` for its transaction; after
-- the first transaction on a connection an unset setting reads as '' and not as null.
CREATE FUNCTION app_organization() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.organization_id', true), '')::bigint $$;

-- Substring search; see the SECURITY DEFINER functions of each feature.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

-- Puts one table behind the fence: only rows of the current organisation exist for the app role.
CREATE FUNCTION fence_tenant_table(fenced regclass, organization_column name DEFAULT 'organization_id') RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', fenced);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', fenced);
    EXECUTE format(
        'CREATE POLICY tenant ON %s TO batchtrack_app USING (%I = app_organization()) WITH CHECK (%I = app_organization())',
        fenced, organization_column, organization_column);
END
$$;
REVOKE ALL ON FUNCTION fence_tenant_table(regclass, name) FROM PUBLIC;

GRANT USAGE ON SCHEMA public TO batchtrack_app, batchtrack_system;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- Readiness asks whether the migrations are current.
GRANT SELECT ON __diesel_schema_migrations TO batchtrack_app, batchtrack_system;
