-- The three roles of BatchTrack, for the whole cluster. Idempotent; run by an administrator.
-- `batchtrack up`, compose and the tests run it, then set the passwords.
--   owner   migrates, backs up, purges; sees all tenants
--   app     what web uses: row level security applies, no more rights than it needs
--   system  sign-in, relay, billing-cache, upkeep: listed tables only, by explicit policies
DO $$
BEGIN
    -- Two set-ups at once on one cluster must not race for the same role.
    PERFORM pg_advisory_xact_lock(7301001);
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'batchtrack_owner') THEN
        CREATE ROLE batchtrack_owner LOGIN BYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'batchtrack_app') THEN
        CREATE ROLE batchtrack_app LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'batchtrack_system') THEN
        CREATE ROLE batchtrack_system LOGIN;
    END IF;
END
$$;
-- A statement, a lock or a forgotten transaction may hold others up only so long.
ALTER ROLE batchtrack_app SET statement_timeout = '15s';
ALTER ROLE batchtrack_app SET lock_timeout = '5s';
ALTER ROLE batchtrack_app SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE batchtrack_system SET statement_timeout = '15s';
ALTER ROLE batchtrack_system SET lock_timeout = '5s';
ALTER ROLE batchtrack_system SET idle_in_transaction_session_timeout = '60s';
