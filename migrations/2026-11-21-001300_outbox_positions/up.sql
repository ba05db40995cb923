-- The outbox becomes a log: facts are only ever inserted, by day, and whole days are dropped. Who
-- follows it keeps a position, which is a snapshot and not an id: a fact whose transaction commits
-- late is not in the snapshot, so it is still to come, whatever its number.

ALTER TABLE domain_events RENAME TO domain_events_before;
ALTER TABLE domain_events_before RENAME CONSTRAINT domain_events_pkey TO domain_events_before_pkey;

CREATE SEQUENCE domain_event_ids;
CREATE TABLE domain_events (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint NOT NULL DEFAULT nextval('domain_event_ids'),
    -- When the database learned of it: the day it is kept under.
    recorded_at timestamptz NOT NULL DEFAULT now(),
    -- The transaction that recorded it (an xid8): who follows the log orders and compares by it.
    xid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    event_name text NOT NULL,
    schema_version smallint NOT NULL DEFAULT 1,
    occurred_at timestamptz NOT NULL,
    user_id bigint,
    entity_type text NOT NULL,
    entity_id bigint NOT NULL,
    -- The request that caused it, as in the logs, and its trace (W3C) where there is one.
    correlation_id text NOT NULL,
    traceparent text,
    source text NOT NULL DEFAULT 'app',
    properties jsonb NOT NULL,
    PRIMARY KEY (organization_id, id, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX domain_events_followed ON domain_events (xid, id);
CREATE TABLE partitions.domain_events_other PARTITION OF domain_events DEFAULT;
INSERT INTO daily_tables (name) VALUES ('domain_events');
SELECT rotate_daily_table('domain_events', 7, 30);

-- What has been dealt with gets a number below any, so that everybody takes it for done.
INSERT INTO domain_events (organization_id, id, xid, event_name, schema_version, occurred_at, user_id,
                           entity_type, entity_id, correlation_id, source, properties)
SELECT organization_id, id, CASE WHEN waits THEN pg_current_xact_id()::text::bigint ELSE 0 END, event_name,
       schema_version, occurred_at, user_id, entity_type, entity_id, correlation_id, source, properties
  FROM domain_events_before e
 CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM outbox_queue q
        WHERE q.organization_id = e.organization_id AND q.event_id = e.id)) AS q (waits)
 ORDER BY id;
SELECT setval('domain_event_ids', coalesce(max(id), 0) + 1, false) FROM domain_events;
DROP TABLE outbox_queue;
DROP TABLE domain_events_before;

SELECT fence_tenant_table('domain_events');
GRANT SELECT, INSERT ON domain_events TO batchtrack_app;
GRANT USAGE ON SEQUENCE domain_event_ids TO batchtrack_app, batchtrack_system;
-- The relay serves all tenants; sign-up emits before anybody is signed in.
CREATE POLICY relay ON domain_events TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON domain_events TO batchtrack_system;

-- How far each follower has come. A turn adds a row and never changes one, so that a snapshot held
-- open elsewhere can't make the newest hard to find; upkeep drops the old ones.
CREATE TABLE outbox_positions (
    consumer text NOT NULL CONSTRAINT outbox_positions_consumer CHECK (consumer IN ('dispatcher')),
    id bigint GENERATED ALWAYS AS IDENTITY,
    taken_at timestamptz NOT NULL,
    -- Which database cluster the transaction numbers are from: after a restore they mean nothing.
    cluster bigint NOT NULL,
    -- Facts visible in this snapshot (pg_snapshot) have been dealt with…
    done text NOT NULL,
    -- …and, while a longer stretch is under way, of those visible in `upto` all that come before
    -- (after_xid, after_id), itself included.
    upto text,
    after_xid bigint NOT NULL DEFAULT 0,
    after_id bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (consumer, id)
);
CREATE INDEX outbox_positions_age ON outbox_positions (consumer, taken_at);
GRANT SELECT, INSERT, DELETE ON outbox_positions TO batchtrack_system;
INSERT INTO outbox_positions (consumer, taken_at, cluster, done)
SELECT 'dispatcher', now(), system_identifier, '3:3:' FROM pg_control_system();

-- Whether a fact is behind a position.
CREATE FUNCTION is_behind(follower outbox_positions, fact_xid bigint, fact_id bigint) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN fact_xid < 3
        OR pg_visible_in_snapshot(fact_xid::text::xid8, follower.done::pg_snapshot)
        OR (follower.upto IS NOT NULL
            AND pg_visible_in_snapshot(fact_xid::text::xid8, follower.upto::pg_snapshot)
            AND (fact_xid, fact_id) <= (follower.after_xid, follower.after_id));

-- After a restore into another cluster the numbers of transactions mean nothing. This gives every fact
-- that is behind all followers a number below any, and every other one a number of today, and puts
-- the followers before those. Facts recorded since the restore are among them: they are younger
-- than the position. What only some followers had dealt with comes to them again.
CREATE FUNCTION settle_domain_events() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    here bigint := (SELECT system_identifier FROM pg_control_system());
    follower text;
    seen text;
    mine bigint;
    newest outbox_positions[];
BEGIN
    FOR follower IN SELECT DISTINCT consumer FROM outbox_positions ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(7301005, hashtext(follower));
    END LOOP;
    newest := ARRAY(SELECT DISTINCT ON (consumer) p FROM outbox_positions p ORDER BY consumer, id DESC);
    IF NOT EXISTS (SELECT FROM unnest(newest) p WHERE p.cluster <> here) THEN
        RETURN false;
    END IF;
    -- Taken before this transaction has a number of its own, so that it does not see itself.
    seen := pg_current_snapshot()::text;
    mine := pg_current_xact_id()::text::bigint;
    UPDATE domain_events e SET xid = CASE WHEN behind THEN 0 ELSE mine END
      FROM (SELECT f.organization_id, f.id, f.recorded_at, NOT EXISTS (
                SELECT FROM unnest(newest) p
                 WHERE f.recorded_at > p.taken_at OR NOT is_behind(p, f.xid, f.id)) AS behind
              FROM domain_events f) AS judged
     WHERE e.organization_id = judged.organization_id AND e.id = judged.id
       AND e.recorded_at = judged.recorded_at AND NOT (behind AND e.xid = 0);
    INSERT INTO outbox_positions (consumer, taken_at, cluster, done)
    SELECT p.consumer, clock_timestamp(), here, seen FROM unnest(newest) p;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION settle_domain_events() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION settle_domain_events() TO batchtrack_system;

