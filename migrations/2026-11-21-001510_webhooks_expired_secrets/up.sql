-- Upkeep forgets secrets that sign nothing any more.
CREATE INDEX webhook_secrets_expiring ON webhook_secrets (expires_at) WHERE expires_at IS NOT NULL;
GRANT DELETE ON webhook_secrets TO batchtrack_system;
CREATE POLICY forget ON webhook_secrets FOR DELETE TO batchtrack_system USING (expires_at IS NOT NULL);
