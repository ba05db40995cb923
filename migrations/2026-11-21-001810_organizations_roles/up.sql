-- An organisation has one owner, who may do everything that its tier allows.
CREATE UNIQUE INDEX memberships_owner ON memberships (organization_id) WHERE role = 'owner';
CREATE TRIGGER access_version AFTER INSERT OR UPDATE OR DELETE ON memberships
    FOR EACH ROW EXECUTE FUNCTION organization_access_changed();
GRANT INSERT, UPDATE, DELETE ON memberships TO batchtrack_app;
GRANT UPDATE, DELETE ON memberships TO batchtrack_system;

-- What the other members may do: the sum of their roles, as far as the tier goes.
CREATE TABLE roles (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
    description text NOT NULL DEFAULT '' CHECK (char_length(description) <= 300),
    -- Of a role that came with the organisation: what it allows stands in the program, and it can't be
    -- changed or deleted.
    system_key text CONSTRAINT roles_system_key CHECK (system_key IN ('manager', 'maker', 'seller', 'viewer')),
    -- Words of the catalogue of permissions; empty for a system role.
    permissions text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX roles_name_key ON roles (organization_id, lower(name));
CREATE UNIQUE INDEX roles_system_key_key ON roles (organization_id, system_key) WHERE system_key IS NOT NULL;

CREATE TABLE member_roles (
    organization_id bigint NOT NULL,
    user_id bigint NOT NULL,
    role_id bigint NOT NULL,
    PRIMARY KEY (organization_id, user_id, role_id),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT member_roles_role FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id)
);
CREATE INDEX member_roles_role ON member_roles (organization_id, role_id);

SELECT fence_tenant_table('roles');
SELECT fence_tenant_table('member_roles');
GRANT SELECT, INSERT, UPDATE, DELETE ON roles, member_roles TO batchtrack_app;
-- Sign-up makes the roles that come with an organisation; an invitation is accepted before one is a member.
CREATE POLICY sign_in ON roles TO batchtrack_system USING (true) WITH CHECK (true);
CREATE POLICY sign_in ON member_roles TO batchtrack_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON roles, member_roles TO batchtrack_system;
CREATE TRIGGER access_version AFTER INSERT OR UPDATE OR DELETE ON roles
    FOR EACH ROW EXECUTE FUNCTION organization_access_changed();
CREATE TRIGGER access_version AFTER INSERT OR UPDATE OR DELETE ON member_roles
    FOR EACH ROW EXECUTE FUNCTION organization_access_changed();

-- They come with every organisation, however it is made.
CREATE FUNCTION organization_made() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$
BEGIN
    INSERT INTO roles (organization_id, name, description, system_key, created_at) VALUES
        (NEW.id, 'Manager', 'Runs the workshop: everything but billing and who owns it.', 'manager', NEW.created_at),
        (NEW.id, 'Maker', 'Makes batches and looks after stock and recipes.', 'maker', NEW.created_at),
        (NEW.id, 'Sales', 'Sells products and sees what there is.', 'seller', NEW.created_at),
        (NEW.id, 'Viewer', 'Looks at everything and changes nothing.', 'viewer', NEW.created_at);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION organization_made() FROM PUBLIC;
CREATE TRIGGER roles AFTER INSERT ON organizations FOR EACH ROW EXECUTE FUNCTION organization_made();
INSERT INTO roles (organization_id, name, description, system_key, created_at)
    SELECT o.id, r.name, r.description, r.key, o.created_at FROM organizations o,
        (VALUES ('Manager', 'Runs the workshop: everything but billing and who owns it.', 'manager'),
            ('Maker', 'Makes batches and looks after stock and recipes.', 'maker'),
            ('Sales', 'Sells products and sees what there is.', 'seller'),
            ('Viewer', 'Looks at everything and changes nothing.', 'viewer')) r (name, description, key);

-- Who did what in an organisation, beside its ledger: each line in the transaction of its effect.
CREATE TABLE audit_entries (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    -- Null for a program with a token of the organisation, and for what happened by itself.
    user_id bigint REFERENCES users (id),
    -- As they were called then.
    actor text NOT NULL CHECK (char_length(actor) BETWEEN 1 AND 200),
    -- Of the operator who acted as the organisation, and why.
    operator_id bigint REFERENCES users (id),
    reason text CHECK (char_length(reason) <= 300),
    -- As members.invited; docs/AUDIT.md lists them.
    act text NOT NULL CHECK (act ~ '^[a-z_]+\.[a-z_]+$'),
    -- To whom or what, as it was called then.
    subject text NOT NULL CHECK (char_length(subject) <= 300),
    subject_id bigint,
    -- What was changed, from what to what. Never a secret.
    details jsonb NOT NULL DEFAULT '{}',
    -- The address that they came from.
    client text CHECK (char_length(client) <= 45),
    correlation_id text NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX audit_entries_act ON audit_entries (organization_id, act, id);
CREATE INDEX audit_entries_user ON audit_entries (organization_id, user_id, id);
SELECT fence_tenant_table('audit_entries');
GRANT SELECT, INSERT ON audit_entries TO batchtrack_app;
CREATE POLICY sign_in ON audit_entries FOR INSERT TO batchtrack_system WITH CHECK (true);
GRANT INSERT ON audit_entries TO batchtrack_system;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_forget();

-- All sessions begun under an earlier number are over, wherever they are kept.
ALTER TABLE users ADD COLUMN session_epoch integer NOT NULL DEFAULT 0;
GRANT SELECT (session_epoch) ON users TO batchtrack_app;
GRANT UPDATE (session_epoch) ON users TO batchtrack_system;
