-- Operators look after organisations: whose tier it is, whether it is open, and what is switched on.
ALTER TABLE operator_audit
    -- Of what concerns one organisation.
    ADD COLUMN organization_id bigint REFERENCES organizations (id),
    ADD COLUMN reason text CHECK (char_length(reason) <= 300),
    DROP CONSTRAINT operator_audit_act,
    ADD CONSTRAINT operator_audit_act CHECK (act IN ('operator.added', 'operator.removed', 'jobs.retried',
        'jobs.discarded', 'events.replayed', 'mail.suppression_lifted', 'organizations.tier_changed',
        'organizations.suspended', 'organizations.activated', 'organizations.entered', 'organizations.left',
        'organizations.acted', 'flags.changed', 'tiers.changed'));
CREATE INDEX operator_audit_organization ON operator_audit (organization_id, id) WHERE organization_id IS NOT NULL;
-- What an operator does within an organisation is written down with it, by whoever serves the request.
CREATE POLICY acting ON operator_audit FOR INSERT TO batchtrack_app
    WITH CHECK (organization_id = app_organization() AND act = 'organizations.acted' AND user_id IS NOT NULL);
GRANT INSERT ON operator_audit TO batchtrack_app;

-- An operator acts as an organisation for a while, and says why.
CREATE TABLE operator_stays (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operator_id bigint NOT NULL REFERENCES users (id),
    organization_id bigint NOT NULL REFERENCES organizations (id),
    reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 300),
    begun_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    -- When they stopped, if they did before.
    ended_at timestamptz
);
ALTER TABLE operator_stays ENABLE ROW LEVEL SECURITY;
ALTER TABLE operator_stays FORCE ROW LEVEL SECURITY;
CREATE POLICY operate ON operator_stays TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON operator_stays TO batchtrack_system;
GRANT UPDATE (ended_at) ON operator_stays TO batchtrack_system;

-- Why it is closed, for those who belong to it.
ALTER TABLE organizations ADD COLUMN suspended_for text CHECK (char_length(suspended_for) <= 300);
GRANT UPDATE (suspended_for) ON organizations TO batchtrack_system;
CREATE INDEX organizations_name_search ON organizations USING gin (lower(name) gin_trgm_ops);

-- Things that an operator may switch on and off, for everybody or for one organisation.
CREATE TABLE feature_flags (
    key text PRIMARY KEY CONSTRAINT feature_flags_key CHECK (key ~ '^[a-z][a-z0-9_]{0,63}$'),
    description text NOT NULL CHECK (char_length(description) BETWEEN 1 AND 300),
    is_on boolean NOT NULL
);
CREATE TABLE organization_flags (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    flag text NOT NULL REFERENCES feature_flags (key) ON DELETE CASCADE,
    is_on boolean NOT NULL,
    PRIMARY KEY (organization_id, flag)
);
SELECT fence_tenant_table('organization_flags');
GRANT SELECT ON feature_flags, organization_flags TO batchtrack_app, batchtrack_system;
GRANT UPDATE (is_on) ON feature_flags TO batchtrack_system;
CREATE POLICY operate ON organization_flags TO batchtrack_system USING (true) WITH CHECK (true);
GRANT INSERT, UPDATE, DELETE ON organization_flags TO batchtrack_system;
INSERT INTO feature_flags (key, description, is_on) VALUES
    ('invitations', 'Members may invite people by letter.', true),
    ('founding', 'People may found organisations beside their first one.', true);
