DROP VIEW domain_event_dispatch;
DROP INDEX jobs_delayed_operator;
