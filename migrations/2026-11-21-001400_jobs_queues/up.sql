-- Work to be done after the commit, written in the transaction that asks for it.
--
-- `jobs` is the line in which jobs wait for a worker and stay while one holds them; what has to wait
-- for its time is in `jobs_delayed`, what has failed too often in `jobs_dead`. A job keeps its id
-- wherever it is. A finished job is deleted.
CREATE SEQUENCE job_ids;
-- A job's place in the line, always at the end: workers remember how far the line has gone and look
-- no further back, so what is deleted but not yet vacuumed (a snapshot is held open somewhere) costs
-- them nothing.
CREATE SEQUENCE job_places;

-- Each process that works jobs. Its heartbeat is the lease of every job it holds.
CREATE TABLE job_workers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    queues text[] NOT NULL,
    started_at timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE jobs (
    id bigint PRIMARY KEY DEFAULT nextval('job_ids'),
    place bigint NOT NULL DEFAULT nextval('job_places'),
    queue text NOT NULL,
    kind text NOT NULL,
    -- Whose job it is; null for the platform's own.
    organization_id bigint REFERENCES organizations (id),
    args jsonb NOT NULL,
    -- Jobs of one lane share a few workers, so that a slow one among them holds nobody else up.
    lane text,
    -- Of jobs of a kind with the same key only one waits.
    unique_key text,
    correlation_id text NOT NULL,
    traceparent text,
    enqueued_at timestamptz NOT NULL,
    -- Since when it could have run: for delayed jobs the end of the delay.
    available_at timestamptz NOT NULL,
    -- How often it has been claimed, which only grows. With the worker it proves who holds it.
    attempt integer NOT NULL DEFAULT 0,
    -- How often doing it has failed; what was handed back or put off is no failure.
    failures integer NOT NULL DEFAULT 0,
    -- A worker was lost that held it, perhaps because of it: the next one says when it begins.
    suspect boolean NOT NULL DEFAULT false,
    worker_id bigint,
    claimed_at timestamptz,
    last_error text
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.2);
CREATE INDEX jobs_waiting ON jobs (queue, place) WHERE worker_id IS NULL;
-- A lane with many jobs is served by itself; the rest of the line needn't look past them.
CREATE INDEX jobs_waiting_lane ON jobs (queue, lane, place) WHERE worker_id IS NULL AND lane IS NOT NULL;
CREATE INDEX jobs_held ON jobs (worker_id) WHERE worker_id IS NOT NULL;
CREATE UNIQUE INDEX jobs_waiting_once ON jobs (kind, unique_key) WHERE unique_key IS NOT NULL AND worker_id IS NULL;

CREATE TABLE jobs_delayed (
    id bigint PRIMARY KEY DEFAULT nextval('job_ids'),
    run_at timestamptz NOT NULL,
    queue text NOT NULL,
    kind text NOT NULL,
    organization_id bigint REFERENCES organizations (id),
    args jsonb NOT NULL,
    lane text,
    unique_key text,
    correlation_id text NOT NULL,
    traceparent text,
    enqueued_at timestamptz NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    last_error text
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX jobs_delayed_due ON jobs_delayed (run_at, id);
CREATE UNIQUE INDEX jobs_delayed_once ON jobs_delayed (kind, unique_key) WHERE unique_key IS NOT NULL;

CREATE TABLE jobs_dead (
    id bigint PRIMARY KEY,
    died_at timestamptz NOT NULL,
    queue text NOT NULL,
    kind text NOT NULL,
    organization_id bigint REFERENCES organizations (id),
    args jsonb NOT NULL,
    lane text,
    unique_key text,
    correlation_id text NOT NULL,
    traceparent text,
    enqueued_at timestamptz NOT NULL,
    attempt integer NOT NULL,
    failures integer NOT NULL,
    last_error text NOT NULL
);
CREATE INDEX jobs_dead_newest ON jobs_dead (queue, id);
CREATE INDEX jobs_dead_age ON jobs_dead (died_at);

-- When each recurring job was last asked for: whoever moves it on is the one who asks.
CREATE TABLE job_recurrences (
    kind text PRIMARY KEY,
    slot timestamptz NOT NULL
);

-- A member's request may ask for work of its own organisation; it can't see the line.
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
ALTER TABLE jobs_delayed ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs_delayed FORCE ROW LEVEL SECURITY;
ALTER TABLE jobs_dead ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs_dead FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON jobs FOR INSERT TO batchtrack_app WITH CHECK (organization_id = app_organization());
CREATE POLICY tenant ON jobs_delayed FOR INSERT TO batchtrack_app WITH CHECK (organization_id = app_organization());
GRANT INSERT ON jobs, jobs_delayed TO batchtrack_app;
GRANT USAGE ON SEQUENCE job_ids, job_places TO batchtrack_app, batchtrack_system;
-- How far the line has gone.
GRANT SELECT ON SEQUENCE job_places TO batchtrack_system;
CREATE POLICY work ON jobs TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY work ON jobs_delayed TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY work ON jobs_dead TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs, jobs_delayed, jobs_dead, job_workers, job_recurrences TO batchtrack_system;

-- Of jobs with the same key only one waits, so whoever asks for a second is told nothing new. But that
-- one must not be done before the asker has committed, or it would miss the very thing it was asked
-- for. So it is held until then, for nobody takes from the line what somebody has locked. Says how many
-- of the keys have one that waits; the members' role may not lock, nor see, what is in the line.
CREATE FUNCTION hold_waiting_jobs(kinds text[], keys text[], later boolean) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off
    AS $$
DECLARE
    held bigint;
BEGIN
    IF later THEN
        SELECT count(*) INTO held FROM (
            SELECT FROM jobs_delayed j JOIN unnest(kinds, keys) AS w (kind, key) ON j.kind = w.kind AND j.unique_key = w.key
             ORDER BY j.kind, j.unique_key FOR KEY SHARE OF j) h;
    ELSE
        SELECT count(*) INTO held FROM (
            SELECT FROM jobs j JOIN unnest(kinds, keys) AS w (kind, key) ON j.kind = w.kind AND j.unique_key = w.key
             WHERE j.worker_id IS NULL ORDER BY j.kind, j.unique_key FOR KEY SHARE OF j) h;
    END IF;
    RETURN held;
END
$$;
REVOKE ALL ON FUNCTION hold_waiting_jobs(text[], text[], boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_waiting_jobs(text[], text[], boolean) TO batchtrack_app, batchtrack_system;
