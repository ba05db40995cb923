ALTER TABLE organizations
    DROP COLUMN api_origins,
    DROP COLUMN single_session;
