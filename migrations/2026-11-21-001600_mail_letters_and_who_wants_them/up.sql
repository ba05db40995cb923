-- What became of each letter. Written once the mail server has taken it, so that a job that is done
-- again after that sends nothing; a finished job itself is deleted.
CREATE TABLE mail_letters (
    job_id bigint PRIMARY KEY,
    kind text NOT NULL,
    organization_id bigint REFERENCES organizations (id),
    user_id bigint REFERENCES users (id),
    address text NOT NULL,
    outcome text NOT NULL CONSTRAINT mail_letters_outcome CHECK (outcome IN ('sent', 'skipped', 'refused')),
    -- Why it was skipped, or what the server said.
    remark text NOT NULL DEFAULT '',
    settled_at timestamptz NOT NULL
);
CREATE INDEX mail_letters_settled ON mail_letters (settled_at);

-- Addresses that a mail server has refused for good. To go on trying costs the sender its good name.
CREATE TABLE mail_suppressions (
    address text PRIMARY KEY CHECK (address = lower(address)),
    reason text NOT NULL CONSTRAINT mail_suppressions_reason CHECK (reason IN ('refused')),
    -- In the words of the server.
    said text NOT NULL,
    since timestamptz NOT NULL
);

-- Who has said whether they want letters of a kind; where nothing is said they are wanted.
CREATE TABLE mail_preferences (
    user_id bigint NOT NULL REFERENCES users (id),
    kind text NOT NULL,
    wanted boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, kind)
);

-- People are the platform's, and so is their mail: no organisation sees any of it.
ALTER TABLE mail_letters ENABLE ROW LEVEL SECURITY;
ALTER TABLE mail_letters FORCE ROW LEVEL SECURITY;
ALTER TABLE mail_suppressions ENABLE ROW LEVEL SECURITY;
ALTER TABLE mail_suppressions FORCE ROW LEVEL SECURITY;
ALTER TABLE mail_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE mail_preferences FORCE ROW LEVEL SECURITY;
CREATE POLICY mail ON mail_letters TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY mail ON mail_suppressions TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY mail ON mail_preferences TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON mail_letters, mail_suppressions TO batchtrack_system;
GRANT SELECT, INSERT, UPDATE ON mail_preferences TO batchtrack_system;

-- When an organisation was last written to about its stock: at most once a day for each kind.
CREATE TABLE mail_digests (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    kind text NOT NULL,
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, kind)
);
-- What its owners have been told already: an item that runs low until it no longer does, a lot that
-- expires once and for all.
CREATE TABLE stock_notices (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    kind text NOT NULL,
    -- The item or the lot.
    subject_id bigint NOT NULL,
    told_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, kind, subject_id)
);
SELECT fence_tenant_table('mail_digests');
SELECT fence_tenant_table('stock_notices');
GRANT SELECT, INSERT, UPDATE ON mail_digests TO batchtrack_app;
GRANT SELECT, INSERT, DELETE ON stock_notices TO batchtrack_app;
