CREATE TABLE organizations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
    contact_email text,
    -- ISO 4217. All money of the organisation is in it.
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    -- Read when stock is taken; changing it is a recorded revaluation.
    costing_method text NOT NULL DEFAULT 'fifo'
        CONSTRAINT organizations_costing_method CHECK (costing_method IN ('fifo', 'fefo', 'average')),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL
);

-- People are the platform's: one person may belong to several organisations.
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username text NOT NULL CHECK (char_length(username) BETWEEN 1 AND 64),
    email text NOT NULL CHECK (email = lower(email) AND char_length(email) <= 120),
    -- argon2id in PHC form.
    password_hash text NOT NULL,
    first_name text NOT NULL DEFAULT '',
    last_name text NOT NULL DEFAULT '',
    timezone text NOT NULL DEFAULT 'UTC',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    last_login_at timestamptz
);
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_key ON users (email);

CREATE TABLE memberships (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    user_id bigint NOT NULL REFERENCES users (id),
    role text NOT NULL CONSTRAINT memberships_role CHECK (role IN ('owner', 'member')),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
-- Sign-in knows the person and looks for the organisations.
CREATE INDEX memberships_user ON memberships (user_id);

SELECT fence_tenant_table('organizations', 'id');
SELECT fence_tenant_table('memberships');
GRANT SELECT ON organizations, memberships TO batchtrack_app;
GRANT UPDATE (name, contact_email) ON organizations TO batchtrack_app;

-- A member sees who else is a member, never a password.
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY colleagues ON users FOR SELECT TO batchtrack_app
    USING (id IN (SELECT user_id FROM memberships));
GRANT SELECT (id, username, email, first_name, last_name, timezone, is_active, created_at, last_login_at)
    ON users TO batchtrack_app;

-- Sign-up and sign-in happen before any organisation is known.
CREATE POLICY sign_in ON users TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY sign_in ON organizations TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY sign_in ON memberships TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON users TO batchtrack_system;
GRANT SELECT, INSERT ON organizations, memberships TO batchtrack_system;
