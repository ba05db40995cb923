ALTER TABLE domain_events RENAME TO domain_events_by_day;
ALTER TABLE domain_events_by_day RENAME CONSTRAINT domain_events_pkey TO domain_events_by_day_pkey;
CREATE TABLE domain_events (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    event_name text NOT NULL,
    schema_version smallint NOT NULL DEFAULT 1,
    occurred_at timestamptz NOT NULL,
    user_id bigint,
    entity_type text NOT NULL,
    entity_id bigint NOT NULL,
    correlation_id text NOT NULL,
    source text NOT NULL DEFAULT 'app',
    properties jsonb NOT NULL,
    PRIMARY KEY (organization_id, id)
);
INSERT INTO domain_events (organization_id, id, event_name, schema_version, occurred_at, user_id,
                           entity_type, entity_id, correlation_id, source, properties)
OVERRIDING SYSTEM VALUE
SELECT organization_id, id, event_name, schema_version, occurred_at, user_id, entity_type, entity_id,
       correlation_id, source, properties
  FROM domain_events_by_day;
SELECT setval(pg_get_serial_sequence('domain_events', 'id'), coalesce(max(id), 0) + 1, false) FROM domain_events;
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
INSERT INTO outbox_queue (organization_id, event_id, consumer, available_at)
SELECT e.organization_id, e.id, (n.newest).consumer, e.occurred_at
  FROM (SELECT DISTINCT ON (consumer) p AS newest FROM outbox_positions p ORDER BY consumer, id DESC) AS n
  JOIN domain_events_by_day e ON NOT is_behind(n.newest, e.xid, e.id);

DROP FUNCTION settle_domain_events();
DROP FUNCTION is_behind(outbox_positions, bigint, bigint);
DROP TABLE domain_events_by_day;
DROP SEQUENCE domain_event_ids;
DROP TABLE outbox_positions;
DELETE FROM daily_tables WHERE name = 'domain_events';

SELECT fence_tenant_table('domain_events');
SELECT fence_tenant_table('outbox_queue');
GRANT SELECT, INSERT ON domain_events TO batchtrack_app;
GRANT INSERT ON outbox_queue TO batchtrack_app;
CREATE POLICY relay ON domain_events TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY relay ON outbox_queue TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON domain_events TO batchtrack_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox_queue TO batchtrack_system;
