-- What an organisation may do and how much of it. Prices are the payment provider's to know.
CREATE TABLE tiers (
    key text PRIMARY KEY CONSTRAINT tiers_key CHECK (key ~ '^[a-z][a-z0-9_]{0,63}$'),
    name text NOT NULL CONSTRAINT tiers_name_key UNIQUE CHECK (char_length(name) BETWEEN 1 AND 64),
    summary text NOT NULL DEFAULT '' CHECK (char_length(summary) <= 300),
    -- Who says that it is paid for: nobody has to, an operator, or Stripe.
    provider text NOT NULL CONSTRAINT tiers_provider CHECK (provider IN ('exempt', 'manual', 'stripe')),
    stripe_lookup_key text,
    -- Whether people may choose it for themselves, and in which order it is shown.
    is_public boolean NOT NULL,
    position integer NOT NULL,
    -- Words of the catalogue of permissions; null is all of them, those to come included.
    permissions text[],
    -- Null is no limit.
    user_limit integer CHECK (user_limit >= 0),
    recipe_limit integer CHECK (recipe_limit >= 0),
    product_limit integer CHECK (product_limit >= 0),
    monthly_batch_limit integer CHECK (monthly_batch_limit >= 0),
    monthly_api_request_limit integer CHECK (monthly_api_request_limit >= 0),
    source_limit integer CHECK (source_limit >= 0),
    daily_source_event_limit integer CHECK (daily_source_event_limit >= 0),
    -- How long finished records are kept; null is for as long as the organisation has the tier.
    retention_days integer CHECK (retention_days > 0),
    retention_notice_days integer NOT NULL DEFAULT 30 CHECK (retention_notice_days >= 0),
    -- Grows with every change, so that nobody goes by an older copy.
    version bigint NOT NULL DEFAULT 1
);

-- What is granted beside a tier: a permission, or something that a feature knows by its key.
CREATE TABLE addons (
    key text PRIMARY KEY CONSTRAINT addons_key CHECK (key ~ '^[a-z][a-z0-9_]{0,63}$'),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
    summary text NOT NULL DEFAULT '' CHECK (char_length(summary) <= 300),
    permission text,
    function_key text,
    billing text NOT NULL CONSTRAINT addons_billing CHECK (billing IN ('subscription', 'one_time')),
    stripe_lookup_key text,
    is_active boolean NOT NULL DEFAULT true,
    CONSTRAINT addons_grants_something CHECK (permission IS NOT NULL OR function_key IS NOT NULL)
);

-- Which add-ons a tier has for nothing, and which it may buy.
CREATE TABLE tier_addons (
    tier text NOT NULL REFERENCES tiers (key) ON DELETE CASCADE,
    addon text NOT NULL REFERENCES addons (key),
    is_included boolean NOT NULL,
    PRIMARY KEY (tier, addon)
);

CREATE FUNCTION tier_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;
CREATE TRIGGER version BEFORE UPDATE ON tiers FOR EACH ROW EXECUTE FUNCTION tier_changed();

CREATE FUNCTION tier_addons_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE tiers SET position = position WHERE key IN (NEW.tier, OLD.tier);
    RETURN NULL;
END
$$;
CREATE TRIGGER version AFTER INSERT OR UPDATE OR DELETE ON tier_addons
    FOR EACH ROW EXECUTE FUNCTION tier_addons_changed();

INSERT INTO addons (key, name, summary, permission, function_key, billing, stripe_lookup_key) VALUES
    ('recipe_variations', 'Recipe variations', 'Several versions of a recipe beside each other.',
        'recipes.create_variations', NULL, 'subscription', 'recipe_variations'),
    ('data_retention', 'Records kept', 'Finished records are kept for as long as you are with us.',
        NULL, 'retention', 'subscription', 'data-retention'),
    ('affiliate_program', 'Affiliates', 'Earn by telling others.',
        'affiliates.view', NULL, 'subscription', 'affiliate_program'),
    ('advanced_analytics', 'Advanced reports', 'Deeper reports.',
        'reports.advanced', NULL, 'subscription', 'advanced_analytics'),
    ('batchbot_access', 'Assistant', 'Ask the assistant.',
        'ai.batchbot', NULL, 'subscription', 'batchbot_access'),
    ('batchbot_refill_100', 'Assistant, 100 more', 'A hundred more questions to the assistant.',
        NULL, 'batchbot_credits', 'one_time', 'batchbot-refill-100');

INSERT INTO tiers (key, name, summary, provider, stripe_lookup_key, is_public, position, permissions, user_limit,
    recipe_limit, product_limit, monthly_batch_limit, retention_days) VALUES
    ('exempt', 'Exempt Plan', 'Everything, without a bill.', 'exempt', NULL, false, 0,
        NULL, NULL, NULL, NULL, NULL, NULL),
    ('free', 'Free Tools', 'The calculators, and ten recipes of your own.', 'exempt', NULL, true, 1,
        '{recipes.view,recipes.create,recipes.edit,recipes.delete,recipes.create_variations,inventory.view}',
        1, 10, 0, 0, 365),
    ('solo', 'Solo Maker', 'For one maker.', 'stripe', 'batchtrack_solo_monthly', true, 2,
        '{dashboard.view,inventory.view,inventory.edit,inventory.adjust,inventory.track_quantities,inventory.reserve,inventory.delete,inventory.view_costs,recipes.view,recipes.create,recipes.edit,recipes.delete,recipes.scale,recipes.plan_production,recipes.create_variations,recipes.sharing_controls,recipes.purchase_options,recipes.marketplace_dashboard,batches.view,batches.create,batches.edit,batches.finish,batches.track_inventory_outputs,batches.cancel,batches.view_costs,products.view,products.create,products.edit,products.delete,products.manage_variants,products.sales_tracking,organization.view,organization.edit,organization.manage_billing,alerts.view,alerts.manage,alerts.dismiss,reports.view,reports.export,reports.advanced,reports.custom,integrations.shopify,integrations.marketplace,integrations.api_access,integrations.webhooks,ai.batchbot,ai.recipe_optimization,ai.demand_forecasting,ai.quality_insights}',
        1, 50, 25, 200, 365),
    ('team', 'Team Plan', 'For a workshop of up to ten.', 'stripe', 'batchtrack_team_monthly', true, 3,
        NULL, 10, 200, 100, 1000, 365),
    ('enterprise', 'Enterprise Plan', 'Without limits.', 'stripe', 'batchtrack_enterprise_monthly', true, 4,
        NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tier_addons (tier, addon, is_included) VALUES
    ('free', 'recipe_variations', true),
    ('solo', 'recipe_variations', true), ('solo', 'batchbot_access', true), ('solo', 'advanced_analytics', true),
    ('solo', 'data_retention', false), ('solo', 'batchbot_refill_100', false),
    ('team', 'data_retention', false), ('team', 'batchbot_refill_100', false),
    ('enterprise', 'data_retention', true), ('exempt', 'data_retention', true);

-- Every organisation has a tier. Whoever runs an installation of their own owes nobody anything.
ALTER TABLE organizations
    ADD COLUMN tier text NOT NULL DEFAULT 'exempt' CONSTRAINT organizations_tier REFERENCES tiers (key),
    -- Grows with whatever decides who may do what in it.
    ADD COLUMN access_version bigint NOT NULL DEFAULT 1;
CREATE INDEX organizations_tier ON organizations (tier);

CREATE TABLE organization_addons (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    addon text NOT NULL REFERENCES addons (key),
    is_active boolean NOT NULL DEFAULT true,
    -- Until when it is paid for; null is without end.
    ends_at timestamptz,
    stripe_item_id text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX organization_addons_active ON organization_addons (organization_id, addon) WHERE is_active;
SELECT fence_tenant_table('organization_addons');

CREATE FUNCTION organization_tier_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.access_version := OLD.access_version + 1;
    RETURN NEW;
END
$$;
CREATE TRIGGER access_version BEFORE UPDATE OF tier ON organizations
    FOR EACH ROW EXECUTE FUNCTION organization_tier_changed();

-- For tables whose rows decide who may do what in their organisation.
CREATE FUNCTION organization_access_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$
BEGIN
    UPDATE organizations SET access_version = access_version + 1
    WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.organization_id ELSE NEW.organization_id END;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION organization_access_changed() FROM PUBLIC;
CREATE TRIGGER access_version AFTER INSERT OR UPDATE OR DELETE ON organization_addons
    FOR EACH ROW EXECUTE FUNCTION organization_access_changed();

GRANT SELECT ON tiers, addons, tier_addons, organization_addons TO batchtrack_app, batchtrack_system;
-- Operators change tiers; what Stripe says comes through the system role as well.
GRANT INSERT, UPDATE ON tiers, addons TO batchtrack_system;
GRANT INSERT, UPDATE, DELETE ON tier_addons TO batchtrack_system;
GRANT INSERT, UPDATE ON organization_addons TO batchtrack_system;
CREATE POLICY billing ON organization_addons TO batchtrack_system USING (true) WITH CHECK (true);
GRANT UPDATE (tier, is_active) ON organizations TO batchtrack_system;
