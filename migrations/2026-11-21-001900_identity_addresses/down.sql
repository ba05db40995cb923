REVOKE DELETE ON mail_preferences FROM batchtrack_system;
DROP TABLE account_limits, account_codes, account_links;
ALTER TABLE users DROP COLUMN email_verified_at;
