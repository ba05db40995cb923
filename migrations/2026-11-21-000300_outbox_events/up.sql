-- Facts, written in the transaction that causes them and never changed. What still has to be done
-- about a fact is a row of `outbox_queue`, one per consumer, which is deleted when it is done.
CREATE TABLE domain_events (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    event_name text NOT NULL,
    schema_version smallint NOT NULL DEFAULT 1,
    occurred_at timestamptz NOT NULL,
    user_id bigint,
    entity_type text NOT NULL,
    entity_id bigint NOT NULL,
    -- The request that caused it, as in the logs.
    correlation_id text NOT NULL,
    source text NOT NULL DEFAULT 'app',
    properties jsonb NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE outbox_queue (
    organization_id bigint NOT NULL,
    event_id bigint NOT NULL,
    consumer text NOT NULL CONSTRAINT outbox_queue_consumer CHECK (consumer IN ('dispatcher')),
    available_at timestamptz NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, event_id, consumer),
    FOREIGN KEY (organization_id, event_id) REFERENCES domain_events (organization_id, id)
);
CREATE INDEX outbox_queue_due ON outbox_queue (consumer, available_at, event_id);

SELECT fence_tenant_table('domain_events');
SELECT fence_tenant_table('outbox_queue');
GRANT SELECT, INSERT ON domain_events TO batchtrack_app;
GRANT INSERT ON outbox_queue TO batchtrack_app;

-- The relay serves all tenants; sign-up emits before anybody is signed in.
CREATE POLICY relay ON domain_events TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY relay ON outbox_queue TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON domain_events TO batchtrack_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox_queue TO batchtrack_system;
