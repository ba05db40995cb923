-- The answer to a write, kept in the transaction of its effect: a retry replays it, and a
-- concurrent duplicate waits on the primary key until the first has committed or rolled back.
CREATE TABLE idempotency_keys (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    user_id bigint NOT NULL,
    key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    -- SHA-256 of method, path and body: another request under the same key is refused.
    fingerprint bytea NOT NULL,
    status smallint NOT NULL DEFAULT 0,
    location text,
    body jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, user_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

SELECT fence_tenant_table('idempotency_keys');
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO batchtrack_app;

-- Upkeep drops what is older than a day.
CREATE POLICY upkeep ON idempotency_keys TO batchtrack_system USING (true);
GRANT SELECT, DELETE ON idempotency_keys TO batchtrack_system;
