-- Somebody is asked to join, by a letter to their address. The letter's link proves the address.
CREATE TABLE invitations (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    email text NOT NULL CHECK (email = lower(email) AND char_length(email) <= 120),
    -- SHA-256 of what ends the link; sending it again makes another.
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    -- An open one whose time is up counts as expired, whether or not that is written here already.
    state text NOT NULL DEFAULT 'open'
        CONSTRAINT invitations_state CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn', 'expired')),
    -- Who asked; null for a program.
    invited_by bigint REFERENCES users (id),
    -- As they were called then.
    inviter text NOT NULL CHECK (char_length(inviter) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL,
    -- Of the latest letter, and how many there were.
    sent_at timestamptz NOT NULL,
    letters integer NOT NULL DEFAULT 1 CHECK (letters > 0),
    expires_at timestamptz NOT NULL,
    -- When and by whom it was accepted, declined or withdrawn.
    ended_at timestamptz,
    accepted_by bigint REFERENCES users (id),
    PRIMARY KEY (organization_id, id),
    CONSTRAINT invitations_ended CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX invitations_open ON invitations (organization_id, email) WHERE state = 'open';
-- Whoever follows the link knows no organisation, nor does whoever looks for what waits for them.
CREATE INDEX invitations_token ON invitations (token_hash);
CREATE INDEX invitations_email ON invitations (email) WHERE state = 'open';

-- What the newcomer will be.
CREATE TABLE invitation_roles (
    organization_id bigint NOT NULL,
    invitation_id bigint NOT NULL,
    role_id bigint NOT NULL,
    PRIMARY KEY (organization_id, invitation_id, role_id),
    FOREIGN KEY (organization_id, invitation_id) REFERENCES invitations (organization_id, id) ON DELETE CASCADE,
    -- A role that an open invitation gives is not deleted; the others have done what they were for.
    FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX invitation_roles_role ON invitation_roles (organization_id, role_id);

SELECT fence_tenant_table('invitations');
SELECT fence_tenant_table('invitation_roles');
GRANT SELECT, INSERT, UPDATE ON invitations TO batchtrack_app;
GRANT SELECT, INSERT ON invitation_roles TO batchtrack_app;
-- It is accepted before one is a member.
CREATE POLICY sign_in ON invitations TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY sign_in ON invitation_roles TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT ON invitations, invitation_roles TO batchtrack_system;
GRANT UPDATE (state, ended_at, accepted_by) ON invitations TO batchtrack_system;

-- The list of who did what is searched by person and by act within a stretch of time.
CREATE INDEX audit_entries_at ON audit_entries (organization_id, at, id);
