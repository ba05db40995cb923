DELETE FROM daily_tables WHERE name IN ('webhook_deliveries', 'webhook_attempts');
DROP TABLE operator_hook_failures, webhook_replays, webhook_attempts, webhook_deliveries, webhook_secrets,
    webhook_endpoints;
DROP SEQUENCE webhook_delivery_ids;
