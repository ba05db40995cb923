-- How far each event has come on its way to the operator's hook (DOMAIN_EVENT_WEBHOOK_URL). Nothing
-- of that is written on the event: it follows from the relay's position, the job that sends it, and
-- what was noted when that gave up.
--
-- An event is processed once the relay has passed it on and no job has to send it any more. With no
-- hook set, that is as soon as it is relayed.
--
-- What waits for the hook stands in a lane of its own; what waits for its time, among all others.
CREATE INDEX jobs_delayed_operator ON jobs_delayed (id) WHERE kind = 'webhooks.operator.v1';
CREATE VIEW domain_event_dispatch WITH (security_invoker = true) AS
SELECT e.organization_id,
       e.id,
       e.recorded_at,
       e.event_name,
       e.occurred_at,
       how.is_processed,
       -- When it was given up, else when it was relayed; not known any more of what was relayed before
       -- the oldest position that is kept (a day).
       CASE WHEN how.is_processed THEN coalesce(noted.failed_at, dead.died_at, how.relayed_at) END AS processed_at,
       -- Attempts that failed; nothing is kept of those before one that succeeded.
       coalesce(waits.failures, nullif(noted.attempts, 0), dead.failures, 0) AS delivery_attempts,
       CASE WHEN how.is_processed AND (noted.failed_at IS NOT NULL OR dead.died_at IS NOT NULL)
            THEN '["max_retry_exceeded"]'::jsonb ELSE '[]'::jsonb END AS _dispatch_errors,
       coalesce(waits.last_error, noted.error, dead.last_error) AS last_error
  FROM domain_events e
 CROSS JOIN LATERAL (
       SELECT coalesce((SELECT is_behind(p, e.xid, e.id) FROM outbox_positions p
                         WHERE p.consumer = 'dispatcher' ORDER BY p.id DESC LIMIT 1), false) AS is_relayed,
              (SELECT p.taken_at FROM outbox_positions p
                WHERE p.consumer = 'dispatcher' AND p.taken_at >= e.recorded_at AND is_behind(p, e.xid, e.id)
                  AND e.recorded_at >= (SELECT min(o.taken_at) FROM outbox_positions o WHERE o.consumer = 'dispatcher')
                ORDER BY p.taken_at LIMIT 1) AS relayed_at) AS relay
  LEFT JOIN (SELECT DISTINCT ON (1, 2) (args ->> 'organization')::bigint, (args ->> 'event')::bigint, failures, last_error
               FROM (SELECT args, failures, last_error FROM jobs
                      WHERE worker_id IS NULL AND queue = 'webhooks' AND lane = 'operator' AND kind = 'webhooks.operator.v1'
                     UNION ALL
                     SELECT args, failures, last_error FROM jobs WHERE worker_id IS NOT NULL AND kind = 'webhooks.operator.v1'
                     UNION ALL
                     SELECT args, failures, last_error FROM jobs_delayed WHERE kind = 'webhooks.operator.v1') AS j
              ORDER BY 1, 2, 3 DESC) AS waits (organization_id, event_id, failures, last_error)
         ON waits.organization_id = e.organization_id AND waits.event_id = e.id
  LEFT JOIN operator_hook_failures noted
         ON noted.organization_id = e.organization_id AND noted.event_id = e.id AND noted.recorded_at = e.recorded_at
  LEFT JOIN (SELECT DISTINCT ON (1, 2) (args ->> 'organization')::bigint, (args ->> 'event')::bigint, died_at, failures, last_error
               FROM jobs_dead WHERE kind = 'webhooks.operator.v1'
              ORDER BY 1, 2, 3 DESC) AS dead (organization_id, event_id, died_at, failures, last_error)
         ON dead.organization_id = e.organization_id AND dead.event_id = e.id
 CROSS JOIN LATERAL (SELECT relay.is_relayed AND waits.event_id IS NULL AS is_processed, relay.relayed_at) AS how;
GRANT SELECT ON domain_event_dispatch TO batchtrack_system;
