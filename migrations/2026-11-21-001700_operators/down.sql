REVOKE INSERT ON webhook_replays FROM batchtrack_system;
ALTER TABLE operator_hook_failures DROP COLUMN attempts;
DROP INDEX jobs_dead_kind;
DROP TABLE job_minutes;
DROP TABLE operator_audit;
DROP FUNCTION refuse_to_forget();
REVOKE INSERT (username, email, password_hash, first_name, last_name, timezone, is_active, created_at, last_login_at),
       UPDATE (username, email, password_hash, first_name, last_name, timezone, is_active, last_login_at)
    ON users FROM batchtrack_system;
GRANT INSERT, UPDATE ON users TO batchtrack_system;
ALTER TABLE users DROP COLUMN is_operator;
