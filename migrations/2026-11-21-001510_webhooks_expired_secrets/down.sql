DROP POLICY forget ON webhook_secrets;
REVOKE DELETE ON webhook_secrets FROM batchtrack_system;
DROP INDEX webhook_secrets_expiring;
