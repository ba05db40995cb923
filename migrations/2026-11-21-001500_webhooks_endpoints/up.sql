-- Addresses of an organisation that events are sent to, and the log of what was sent there.
CREATE TABLE webhook_endpoints (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    url text NOT NULL CHECK (char_length(url) BETWEEN 1 AND 2048),
    description text NOT NULL DEFAULT '' CHECK (char_length(description) <= 256),
    -- Names of the events it hears of; none means all.
    events text[] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'enabled'
        CONSTRAINT webhook_endpoints_state CHECK (state IN ('enabled', 'disabled')),
    disabled_reason text
        CONSTRAINT webhook_endpoints_disabled_reason CHECK (disabled_reason IN ('by_owner', 'failing', 'gone')),
    disabled_at timestamptz,
    -- Since when every attempt has failed, and the latest that did; a success clears both. They are
    -- exact to some seconds, so that a busy endpoint's row is not written for every delivery.
    failing_since timestamptz,
    last_failed_at timestamptz,
    last_delivered_at timestamptz,
    -- It asked to be left alone for a while (429, 502, 504).
    throttled_until timestamptz,
    created_by bigint,
    created_at timestamptz NOT NULL,
    -- The log still tells of it.
    deleted_at timestamptz,
    PRIMARY KEY (organization_id, id),
    CHECK ((state = 'disabled') = (disabled_at IS NOT NULL AND disabled_reason IS NOT NULL))
) WITH (fillfactor = 70);
-- The relay asks this for every event.
CREATE INDEX webhook_endpoints_listening ON webhook_endpoints (organization_id, id)
    WHERE state = 'enabled' AND deleted_at IS NULL;

-- What deliveries are signed with, sealed with a key made from APP_SECRET_KEY. The current one does
-- not expire; the one before it lives on for a day, and both sign.
CREATE TABLE webhook_secrets (
    organization_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    endpoint_id bigint NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, endpoint_id) REFERENCES webhook_endpoints (organization_id, id)
);
CREATE INDEX webhook_secrets_endpoint ON webhook_secrets (organization_id, endpoint_id);
CREATE UNIQUE INDEX webhook_secrets_current ON webhook_secrets (organization_id, endpoint_id)
    WHERE expires_at IS NULL;

-- One event on its way to one endpoint. Its row changes with each attempt and goes with its day.
CREATE SEQUENCE webhook_delivery_ids;
CREATE TABLE webhook_deliveries (
    organization_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('webhook_delivery_ids'),
    created_at timestamptz NOT NULL,
    endpoint_id bigint NOT NULL,
    -- The fact that is told of; a test tells of none.
    event_id bigint,
    event_recorded_at timestamptz,
    event_name text NOT NULL,
    -- What the receiver knows it by: the same for every attempt and every replay of an event.
    message_id text NOT NULL,
    cause text NOT NULL CONSTRAINT webhook_deliveries_cause CHECK (cause IN ('event', 'replay', 'test')),
    state text NOT NULL DEFAULT 'pending'
        CONSTRAINT webhook_deliveries_state CHECK (state IN ('pending', 'delivered', 'failed', 'cancelled')),
    -- How many attempts have come to an end. Whoever settles one proves by it that nobody did before.
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    finished_at timestamptz,
    last_status integer,
    last_error text,
    PRIMARY KEY (organization_id, id, created_at),
    FOREIGN KEY (organization_id, endpoint_id) REFERENCES webhook_endpoints (organization_id, id),
    CHECK ((event_id IS NULL) = (event_recorded_at IS NULL)),
    CHECK ((event_id IS NULL) = (cause = 'test'))
) PARTITION BY RANGE (created_at);
-- The log is read newest first, whole or by one of these.
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (organization_id, endpoint_id, id);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (organization_id, event_name, id);
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (organization_id, event_id);
CREATE INDEX webhook_deliveries_unmet ON webhook_deliveries (organization_id, state, id)
    WHERE state <> 'delivered';
CREATE TABLE partitions.webhook_deliveries_other PARTITION OF webhook_deliveries DEFAULT;

-- What was sent and what came back. Only ever inserted.
CREATE TABLE webhook_attempts (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    delivery_id bigint NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    started_at timestamptz NOT NULL,
    duration_us bigint NOT NULL CHECK (duration_us >= 0),
    url text NOT NULL,
    request_headers jsonb NOT NULL,
    status integer,
    answer_headers jsonb,
    answer_body text CHECK (octet_length(answer_body) <= 4096),
    error text,
    PRIMARY KEY (organization_id, delivery_id, number, started_at)
) PARTITION BY RANGE (started_at);
CREATE TABLE partitions.webhook_attempts_other PARTITION OF webhook_attempts DEFAULT;

INSERT INTO daily_tables (name) VALUES ('webhook_deliveries'), ('webhook_attempts');
SELECT rotate_daily_table('webhook_deliveries', 7, 30);
SELECT rotate_daily_table('webhook_attempts', 7, 30);

-- Sending again what was recorded in a stretch of time, some events at a time: how far it has come.
CREATE TABLE webhook_replays (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    endpoint_id bigint,
    event_name text,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    -- Only what did not arrive.
    only_unmet boolean NOT NULL,
    created_by bigint,
    created_at timestamptz NOT NULL,
    after_id bigint NOT NULL DEFAULT 0,
    planned bigint NOT NULL DEFAULT 0,
    finished_at timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, endpoint_id) REFERENCES webhook_endpoints (organization_id, id),
    CHECK (from_at < to_at)
);

-- Events that the operator's own hook did not take in the end.
CREATE TABLE operator_hook_failures (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    event_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    error text NOT NULL,
    failed_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, event_id, recorded_at)
);
CREATE INDEX operator_hook_failures_age ON operator_hook_failures (failed_at);

SELECT fence_tenant_table('webhook_endpoints');
SELECT fence_tenant_table('webhook_secrets');
SELECT fence_tenant_table('webhook_deliveries');
SELECT fence_tenant_table('webhook_attempts');
SELECT fence_tenant_table('webhook_replays');
SELECT fence_tenant_table('operator_hook_failures');
GRANT SELECT, INSERT ON webhook_endpoints TO batchtrack_app;
GRANT UPDATE (url, description, events, state, disabled_reason, disabled_at, failing_since, last_failed_at,
              throttled_until, deleted_at) ON webhook_endpoints TO batchtrack_app;
GRANT SELECT, INSERT, DELETE ON webhook_secrets TO batchtrack_app;
GRANT UPDATE (expires_at) ON webhook_secrets TO batchtrack_app;
GRANT SELECT, INSERT ON webhook_deliveries TO batchtrack_app;
GRANT SELECT ON webhook_attempts, operator_hook_failures TO batchtrack_app;
GRANT SELECT, INSERT ON webhook_replays TO batchtrack_app;
GRANT USAGE ON SEQUENCE webhook_delivery_ids TO batchtrack_app, batchtrack_system;

-- The dispatcher serves all tenants.
CREATE POLICY deliver ON webhook_endpoints TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY deliver ON webhook_secrets FOR SELECT TO batchtrack_system USING (true);
CREATE POLICY deliver ON webhook_deliveries TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY deliver ON webhook_attempts TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY deliver ON webhook_replays TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY deliver ON operator_hook_failures TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT ON webhook_endpoints, webhook_secrets TO batchtrack_system;
GRANT UPDATE (state, disabled_reason, disabled_at, failing_since, last_failed_at, last_delivered_at,
              throttled_until) ON webhook_endpoints TO batchtrack_system;
GRANT SELECT, INSERT, UPDATE ON webhook_deliveries TO batchtrack_system;
GRANT SELECT, INSERT ON webhook_attempts TO batchtrack_system;
GRANT SELECT ON webhook_replays TO batchtrack_system;
GRANT UPDATE (after_id, planned, finished_at) ON webhook_replays TO batchtrack_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON operator_hook_failures TO batchtrack_system;
