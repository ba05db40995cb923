ALTER TABLE organizations
    -- Whether signing in ends the other sessions of an account.
    ADD COLUMN single_session boolean NOT NULL DEFAULT false,
    -- Sites whose pages may call the API from their visitors' browsers, as browsers name them.
    ADD COLUMN api_origins text[] NOT NULL DEFAULT '{}' CHECK (cardinality(api_origins) <= 20);
GRANT UPDATE (single_session, api_origins) ON organizations TO batchtrack_app;
