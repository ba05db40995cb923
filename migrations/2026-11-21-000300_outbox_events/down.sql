DROP TABLE outbox_queue;
DROP TABLE domain_events;
