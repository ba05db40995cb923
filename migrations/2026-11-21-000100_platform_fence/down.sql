REVOKE SELECT ON __diesel_schema_migrations FROM batchtrack_app, batchtrack_system;
DROP FUNCTION fence_tenant_table(regclass, name);
DROP EXTENSION pg_trgm;
DROP FUNCTION app_organization();
