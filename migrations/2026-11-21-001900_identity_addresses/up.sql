-- Since when we know that the address is theirs. Whoever was here before is taken at their word.
ALTER TABLE users ADD COLUMN email_verified_at timestamptz;
UPDATE users SET email_verified_at = created_at;

GRANT INSERT (email_verified_at), UPDATE (email_verified_at) ON users TO batchtrack_system;

-- What the letters carry that somebody has to follow: gone once it was used, or its time is over.
CREATE TABLE account_links (
    -- SHA-256 of the token; who reads this table can follow none.
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    user_id bigint NOT NULL REFERENCES users (id),
    purpose text NOT NULL
        CONSTRAINT account_links_purpose CHECK (purpose IN ('verify_address', 'reset_password', 'change_address')),
    -- Where the letter went. Once the account has another address, a link to the old one is worth nothing.
    email text NOT NULL CHECK (email = lower(email) AND char_length(email) <= 120),
    expires_at timestamptz NOT NULL
);
CREATE INDEX account_links_user ON account_links (user_id);
CREATE INDEX account_links_expires ON account_links (expires_at);

-- Codes of six digits, for the browser that asked for one and for no other.
CREATE TABLE account_codes (
    -- SHA-256 of what only that browser's session knows.
    ticket_hash bytea PRIMARY KEY CHECK (octet_length(ticket_hash) = 32),
    user_id bigint NOT NULL REFERENCES users (id),
    purpose text NOT NULL CONSTRAINT account_codes_purpose CHECK (purpose IN ('sign_in', 'second_factor')),
    -- Keyed, since a million codes are soon tried.
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    tries smallint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
CREATE INDEX account_codes_user ON account_codes (user_id);
CREATE INDEX account_codes_expires ON account_codes (expires_at);

-- How often something was done of late to one account or address, whether or not there is such an
-- account; so that it is not done too often.
CREATE TABLE account_limits (
    kind text NOT NULL,
    -- Keyed hash of the address or the account.
    subject bytea NOT NULL CHECK (octet_length(subject) = 32),
    at timestamptz[] NOT NULL,
    latest_at timestamptz NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX account_limits_latest ON account_limits (latest_at);

-- People are the platform's: no organisation sees any of it.
ALTER TABLE account_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_links FORCE ROW LEVEL SECURITY;
ALTER TABLE account_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_codes FORCE ROW LEVEL SECURITY;
ALTER TABLE account_limits ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_limits FORCE ROW LEVEL SECURITY;
CREATE POLICY accounts ON account_links TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY accounts ON account_codes TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY accounts ON account_limits TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON account_links, account_codes, account_limits TO batchtrack_system;
-- Whoever deletes their account takes what they wanted of letters with them.
GRANT DELETE ON mail_preferences TO batchtrack_system;
