-- What programs show instead of a password. The secret itself is kept nowhere.
CREATE TABLE api_tokens (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    -- Who acts by it; null for a token of the organisation itself.
    user_id bigint,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
    -- The beginning of the secret, by which its owner knows it again.
    prefix text NOT NULL CHECK (char_length(prefix) BETWEEN 1 AND 40),
    -- SHA-256. The secret is random, so nothing slower is needed.
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    -- Words of the catalogue of permissions.
    scopes text[] NOT NULL,
    created_by bigint NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    -- Give or take a minute.
    last_used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT api_tokens_hash_key UNIQUE (organization_id, hash),
    CONSTRAINT api_tokens_member FOREIGN KEY (organization_id, user_id)
        REFERENCES memberships (organization_id, user_id) ON DELETE CASCADE
);
CREATE INDEX api_tokens_user ON api_tokens (organization_id, user_id);
SELECT fence_tenant_table('api_tokens');
GRANT SELECT, INSERT, UPDATE (last_used_at, revoked_at) ON api_tokens TO batchtrack_app;

-- Where somebody is signed in without a browser's session: apps that renew what they were given. Their
-- tokens are made from a key and this row, so nothing of them lies here.
CREATE TABLE device_sign_ins (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id),
    -- Where they act.
    organization_id bigint REFERENCES organizations (id),
    -- Makes the tokens of this row its own, even where a restored database gives the id again.
    nonce bytea NOT NULL CHECK (octet_length(nonce) = 16),
    -- Of the account when they signed in; once it has another, this is over.
    session_epoch integer NOT NULL,
    -- How often it was renewed: only the latest token is good.
    generation integer NOT NULL DEFAULT 0,
    device text NOT NULL CHECK (char_length(device) BETWEEN 1 AND 100),
    address text NOT NULL DEFAULT '' CHECK (char_length(address) <= 45),
    begun_at timestamptz NOT NULL,
    renewed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX device_sign_ins_user ON device_sign_ins (user_id);
ALTER TABLE device_sign_ins ENABLE ROW LEVEL SECURITY;
ALTER TABLE device_sign_ins FORCE ROW LEVEL SECURITY;
-- People are the platform's: no organisation sees where they are signed in.
CREATE POLICY sign_in ON device_sign_ins TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON device_sign_ins TO batchtrack_system;
