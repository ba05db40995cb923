-- Tables that only grow are kept by day, in UTC, and dropped by the day: no row of theirs is ever deleted.

-- Partitions live apart, where no role but the owner can reach past their parent's row level security.
CREATE SCHEMA partitions;

-- Tables kept by day, and for how many days; upkeep lends the setting at each rotation.
CREATE TABLE daily_tables (
    name text PRIMARY KEY
);
GRANT SELECT ON daily_tables TO batchtrack_system;

-- Makes the partitions of today and the next `ahead` days and drops those older than `keep` days.
-- Says which it made and which it dropped. The default partition, for a day that nobody made one
-- for, is emptied of what is too old.
CREATE FUNCTION rotate_daily_table(parent text, ahead integer, keep integer)
    RETURNS TABLE (made integer, dropped integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    day date;
    part text;
    key text;
BEGIN
    made := 0;
    dropped := 0;
    IF NOT EXISTS (SELECT FROM daily_tables d WHERE d.name = parent) THEN
        RAISE EXCEPTION '% is not kept by day', parent;
    END IF;
    IF ahead < 0 OR keep < 1 THEN
        RAISE EXCEPTION 'at least one day is kept';
    END IF;
    -- One at a time; whoever comes second finds it done. Not the lock of whoever runs the migrations: those rotate, too.
    PERFORM pg_advisory_xact_lock(7301004);
    FOR day IN SELECT today + d FROM generate_series(0, ahead) d LOOP
        part := format('%s_%s', parent, to_char(day, 'YYYY_MM_DD'));
        IF to_regclass(format('partitions.%I', part)) IS NULL THEN
            BEGIN
                EXECUTE format(
                    'CREATE TABLE partitions.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)',
                    part, parent, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
                made := made + 1;
            EXCEPTION WHEN check_violation THEN
                -- The default partition already has rows of that day; they stay there until they are old.
                NULL;
            END;
        END IF;
    END LOOP;
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = format('public.%I', parent)::regclass
           AND c.relname ~ '_\d{4}_\d\d_\d\d$'
           AND to_date(right(c.relname, 10), 'YYYY_MM_DD') < today - keep
         ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE partitions.%I', part);
        dropped := dropped + 1;
    END LOOP;
    SELECT a.attname INTO key
      FROM pg_partitioned_table p
      JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
     WHERE p.partrelid = format('public.%I', parent)::regclass;
    EXECUTE format('DELETE FROM partitions.%I WHERE %I < $1', parent || '_other', key)
      USING (today - keep)::timestamp AT TIME ZONE 'UTC';
    RETURN NEXT;
END
$$;
REVOKE ALL ON FUNCTION rotate_daily_table(text, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rotate_daily_table(text, integer, integer) TO batchtrack_system;
