-- Keys that somebody signs in with instead of a password. Only their public half is here.
CREATE TABLE account_passkeys (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id),
    credential_id bytea NOT NULL CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    -- What their devices know them by: the same for all keys of one person, and it says nothing of them.
    user_handle bytea NOT NULL CHECK (octet_length(user_handle) = 16),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
    -- Public key and counter, as the webauthn library keeps them.
    credential jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE UNIQUE INDEX account_passkeys_credential ON account_passkeys (credential_id);
CREATE INDEX account_passkeys_user ON account_passkeys (user_id);

ALTER TABLE account_passkeys ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_passkeys FORCE ROW LEVEL SECURITY;
CREATE POLICY accounts ON account_passkeys TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON account_passkeys TO batchtrack_system;
