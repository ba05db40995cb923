-- What is asked for at sign-in beside the first proof; null while nothing is.
ALTER TABLE users ADD COLUMN second_factor text
    CONSTRAINT users_second_factor CHECK (second_factor IN ('totp', 'email'));
GRANT UPDATE (second_factor) ON users TO batchtrack_system;

-- The secret that an authenticator app shares with us, one for each person; in use once
-- users.second_factor says so.
CREATE TABLE account_totp (
    user_id bigint PRIMARY KEY REFERENCES users (id),
    sealed_secret bytea NOT NULL,
    -- The step of time whose code was taken last: no code is good twice, nor an older one after it.
    last_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL
);

-- For whoever has lost the other means. Each is good once.
CREATE TABLE account_recovery_codes (
    user_id bigint NOT NULL REFERENCES users (id),
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    PRIMARY KEY (user_id, code_hash)
);

ALTER TABLE account_totp ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_totp FORCE ROW LEVEL SECURITY;
ALTER TABLE account_recovery_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_recovery_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY accounts ON account_totp TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY accounts ON account_recovery_codes TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON account_totp, account_recovery_codes TO batchtrack_system;
