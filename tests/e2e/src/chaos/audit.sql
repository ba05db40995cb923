-- The database's own record of who did what to which job, written by triggers in the transaction that
-- did it. Processes are told apart by the application_name of their connections.
CREATE SCHEMA chaos;
CREATE TABLE chaos.rows (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tx text NOT NULL DEFAULT pg_current_xact_id()::text,
    relation text NOT NULL,
    op text NOT NULL,
    job bigint NOT NULL,
    kind text NOT NULL,
    is_unique boolean NOT NULL,
    "before" bigint,
    "after" bigint,
    -- For how long nothing had been heard of the worker that held it before.
    silent_ms bigint,
    by text NOT NULL DEFAULT current_setting('application_name')
);
CREATE TABLE chaos.workers (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    op text NOT NULL,
    worker bigint NOT NULL,
    by text NOT NULL DEFAULT current_setting('application_name'),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat timestamptz NOT NULL
);

CREATE FUNCTION chaos.note_job() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    one record := coalesce(NEW, OLD);
    was bigint;
    is_now bigint;
    silent bigint;
BEGIN
    IF TG_TABLE_NAME = 'jobs' THEN
        IF TG_OP <> 'INSERT' THEN was := OLD.worker_id; END IF;
        IF TG_OP <> 'DELETE' THEN is_now := NEW.worker_id; END IF;
    END IF;
    IF was IS DISTINCT FROM is_now THEN
        SELECT extract(epoch FROM clock_timestamp() - heartbeat_at) * 1000 INTO silent
          FROM public.job_workers WHERE id = was;
    END IF;
    INSERT INTO chaos.rows (relation, op, job, kind, is_unique, "before", "after", silent_ms)
    VALUES (TG_TABLE_NAME, TG_OP, one.id, one.kind, one.unique_key IS NOT NULL, was, is_now, silent);
    RETURN NULL;
END
$$;
CREATE TRIGGER chaos AFTER INSERT OR UPDATE OR DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION chaos.note_job();
CREATE TRIGGER chaos AFTER INSERT OR UPDATE OR DELETE ON jobs_delayed FOR EACH ROW EXECUTE FUNCTION chaos.note_job();
CREATE TRIGGER chaos AFTER INSERT OR UPDATE OR DELETE ON jobs_dead FOR EACH ROW EXECUTE FUNCTION chaos.note_job();

CREATE FUNCTION chaos.note_worker() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    one record := coalesce(NEW, OLD);
BEGIN
    INSERT INTO chaos.workers (op, worker, heartbeat) VALUES (TG_OP, one.id, one.heartbeat_at);
    RETURN NULL;
END
$$;
CREATE TRIGGER chaos AFTER INSERT OR DELETE ON job_workers FOR EACH ROW EXECUTE FUNCTION chaos.note_worker();
