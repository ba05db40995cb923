-- Operators run the installation: a right of the platform, and none within any organisation.
ALTER TABLE users ADD COLUMN is_operator boolean NOT NULL DEFAULT false;
-- The frame of a page asks for it.
GRANT SELECT (is_operator) ON users TO batchtrack_app;
-- No service makes an operator. Only the owner of the tables does, by the command.
REVOKE INSERT, UPDATE ON users FROM batchtrack_system;
GRANT INSERT (username, email, password_hash, first_name, last_name, timezone, is_active, created_at, last_login_at)
    ON users TO batchtrack_system;
GRANT UPDATE (username, email, password_hash, first_name, last_name, timezone, is_active, last_login_at)
    ON users TO batchtrack_system;

-- What operators did, each line in the transaction of its effect.
CREATE TABLE operator_audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    -- Null for the command, which is run by somebody on a machine and not by somebody signed in.
    user_id bigint REFERENCES users (id),
    -- An address, or account@machine.
    actor text NOT NULL CHECK (char_length(actor) BETWEEN 1 AND 200),
    act text NOT NULL
        CONSTRAINT operator_audit_act CHECK (act IN ('operator.added', 'operator.removed', 'jobs.retried',
            'jobs.discarded', 'events.replayed', 'mail.suppression_lifted')),
    -- To whom or what.
    subject text NOT NULL,
    how_many bigint NOT NULL CHECK (how_many > 0),
    correlation_id text NOT NULL
);
CREATE INDEX operator_audit_subject ON operator_audit (act, subject);
ALTER TABLE operator_audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE operator_audit FORCE ROW LEVEL SECURITY;
CREATE POLICY operate ON operator_audit TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON operator_audit TO batchtrack_system;

CREATE FUNCTION refuse_to_forget() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_forget();

-- How attempts at jobs ended, by queue and minute, as the dispatchers counted them, and the most that
-- they saw waiting. Finished jobs are deleted, so there is nothing else to tell a rate from.
CREATE TABLE job_minutes (
    queue text NOT NULL,
    minute timestamptz NOT NULL,
    done bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    put_off bigint NOT NULL DEFAULT 0,
    waiting bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (queue, minute)
) WITH (fillfactor = 70);
CREATE INDEX job_minutes_age ON job_minutes (minute);
GRANT SELECT, INSERT, UPDATE, DELETE ON job_minutes TO batchtrack_system;

-- Dead jobs are looked at, and retried, by kind.
CREATE INDEX jobs_dead_kind ON jobs_dead (kind, id);
-- How often the operator's hook was tried in vain.
ALTER TABLE operator_hook_failures ADD COLUMN attempts integer NOT NULL DEFAULT 0;
-- An operator may have a whole stretch of time sent again, for any organisation.
GRANT INSERT ON webhook_replays TO batchtrack_system;
