-- How often each event that tells of use has been recorded, by an organisation and by each of its
-- people. Counted in the statement that records the event.
CREATE TABLE usage_counters (
    organization_id bigint NOT NULL REFERENCES organizations (id),
    event_name text NOT NULL,
    -- 0 is the organisation as a whole.
    user_id bigint NOT NULL,
    used bigint NOT NULL,
    first_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, event_name, user_id)
) WITH (fillfactor = 50, autovacuum_vacuum_cost_delay = 0);
SELECT fence_tenant_table('usage_counters');
GRANT SELECT, INSERT ON usage_counters TO batchtrack_app, batchtrack_system;
GRANT UPDATE (used) ON usage_counters TO batchtrack_app, batchtrack_system;
CREATE POLICY record ON usage_counters TO batchtrack_system USING (true) WITH CHECK (true);

INSERT INTO usage_counters (organization_id, event_name, user_id, used, first_at)
SELECT organization_id, event_name, who, count(*), min(occurred_at)
  FROM domain_events CROSS JOIN LATERAL (SELECT 0 UNION SELECT user_id WHERE user_id IS NOT NULL) AS w (who)
 WHERE event_name IN ('account_created', 'free_account_created', 'signup_completed', 'user_login_succeeded',
                      'inventory_item_created', 'recipe_created', 'batch_started', 'batch_completed',
                      'plan_production_requested', 'stock_check_run')
 GROUP BY organization_id, event_name, who;
