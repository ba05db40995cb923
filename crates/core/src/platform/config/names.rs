//! What the settings are called in the environment.

/// How an environment value is to be read.
#[derive(Clone, Copy)]
pub(super) enum Read {
    Text,
    Number,
    List,
}

/// Every setting's name in the environment and its place in the file.
pub(super) const NAMES: &[(&str, &str, &str, Read)] = &[
    ("DATABASE_URL", "database", "url", Read::Text),
    ("DATABASE_INTERNAL_URL", "database", "url", Read::Text), // later in the list, so it wins
    ("DATABASE_SYSTEM_URL", "database", "system_url", Read::Text),
    ("DATABASE_OWNER_URL", "database", "owner_url", Read::Text),
    ("DATABASE_POOL_SIZE", "database", "pool_size", Read::Number),
    (
        "DATABASE_SYSTEM_POOL_SIZE",
        "database",
        "system_pool_size",
        Read::Number,
    ),
    (
        "DATABASE_CHECKOUT_TIMEOUT_MS",
        "database",
        "checkout_timeout_ms",
        Read::Number,
    ),
    ("REDIS_URL", "redis", "url", Read::Text),
    ("CACHE_REDIS_URL", "redis", "cache_url", Read::Text),
    ("REDIS_POOL_SIZE", "redis", "pool_size", Read::Number),
    ("REDIS_PREFIX", "redis", "prefix", Read::Text),
    ("REDIS_TIMEOUT_MS", "redis", "timeout_ms", Read::Number),
    ("HTTP_HOST", "http", "host", Read::Text),
    ("HTTP_PORT", "http", "port", Read::Number),
    ("HTTP_WORKERS", "http", "workers", Read::Number),
    ("APP_BASE_URL", "http", "base_url", Read::Text),
    ("APP_SECRET_KEY", "http", "secret_key", Read::Text),
    ("TRUSTED_PROXIES", "http", "trusted_proxies", Read::List),
    ("TRUSTED_CLIENTS", "http", "trusted_clients", Read::List),
    (
        "RATELIMIT_PER_MINUTE",
        "http",
        "requests_per_minute",
        Read::Number,
    ),
    (
        "SESSION_LIFETIME_MINUTES",
        "session",
        "lifetime_minutes",
        Read::Number,
    ),
    (
        "PASSWORD_HASH_CONCURRENCY",
        "passwords",
        "concurrency",
        Read::Number,
    ),
    (
        "PASSWORD_HASH_QUEUE_TIMEOUT_MS",
        "passwords",
        "queue_timeout_ms",
        Read::Number,
    ),
    ("LOG_LEVEL", "log", "level", Read::Text),
    ("LOG_FORMAT", "log", "format", Read::Text),
    (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "telemetry",
        "otlp_endpoint",
        Read::Text,
    ),
    (
        "OTEL_TRACES_SAMPLE_RATIO",
        "telemetry",
        "traces_sample_ratio",
        Read::Number,
    ),
    ("MAIL_SMTP_URL", "mail", "smtp_url", Read::Text),
    ("MAIL_FROM", "mail", "from", Read::Text),
    (
        "MAIL_TIMEOUT_SECONDS",
        "mail",
        "timeout_seconds",
        Read::Number,
    ),
    (
        "WEBHOOK_LOG_RETENTION_DAYS",
        "webhooks",
        "log_retention_days",
        Read::Number,
    ),
    (
        "WEBHOOK_ALLOWED_ADDRESSES",
        "webhooks",
        "allowed_addresses",
        Read::List,
    ),
    (
        "DOMAIN_EVENT_WEBHOOK_URL",
        "webhooks",
        "operator_url",
        Read::Text,
    ),
    (
        "DOMAIN_EVENT_WEBHOOK_SECRET",
        "webhooks",
        "operator_secret",
        Read::Text,
    ),
    (
        "EVENTS_RETENTION_DAYS",
        "events",
        "retention_days",
        Read::Number,
    ),
    ("BACKGROUND_WORKERS", "jobs", "workers", Read::Number),
    ("DISPATCHER_QUEUES", "jobs", "queues", Read::List),
    ("LANE_CONCURRENCY", "jobs", "lane_concurrency", Read::Number),
    (
        "JOBS_POLL_INTERVAL_MS",
        "jobs",
        "poll_interval_ms",
        Read::Number,
    ),
    ("JOBS_LEASE_SECONDS", "jobs", "lease_seconds", Read::Number),
    (
        "DEAD_JOBS_RETENTION_DAYS",
        "jobs",
        "dead_retention_days",
        Read::Number,
    ),
    (
        "EXPIRING_WITHIN_DAYS",
        "jobs",
        "expiring_within_days",
        Read::Number,
    ),
    (
        "QUEUE_CRITICAL_CONCURRENCY",
        "jobs.concurrency",
        "critical",
        Read::Number,
    ),
    (
        "QUEUE_WEBHOOKS_CONCURRENCY",
        "jobs.concurrency",
        "webhooks",
        Read::Number,
    ),
    (
        "QUEUE_MAIL_CONCURRENCY",
        "jobs.concurrency",
        "mail",
        Read::Number,
    ),
    (
        "QUEUE_PUSH_CONCURRENCY",
        "jobs.concurrency",
        "push",
        Read::Number,
    ),
    (
        "QUEUE_FANOUT_CONCURRENCY",
        "jobs.concurrency",
        "fanout",
        Read::Number,
    ),
    (
        "QUEUE_MEDIA_CONCURRENCY",
        "jobs.concurrency",
        "media",
        Read::Number,
    ),
    (
        "QUEUE_EXPORTS_CONCURRENCY",
        "jobs.concurrency",
        "exports",
        Read::Number,
    ),
    (
        "QUEUE_UPKEEP_CONCURRENCY",
        "jobs.concurrency",
        "upkeep",
        Read::Number,
    ),
    (
        "QUEUE_BULK_CONCURRENCY",
        "jobs.concurrency",
        "bulk",
        Read::Number,
    ),
    (
        "SHUTDOWN_TIMEOUT_SECONDS",
        "shutdown",
        "timeout_seconds",
        Read::Number,
    ),
];

/// Names of the same families that are not settings of a process but of the operator's command.
pub(super) const COMMAND_NAMES: &[&str] = &[
    "BATCHTRACK_CONFIG_FILE",
    "BATCHTRACK_HOME",
    "BATCHTRACK_BIND",
    "BATCHTRACK_HTTP_PORT",
    "BATCHTRACK_HTTPS_PORT",
    "BATCHTRACK_MAIL_PORT",
    "BATCHTRACK_MAIL_SMTP_PORT",
    "BATCHTRACK_WEB_REPLICAS",
];

/// Nothing else may call itself so.
pub(super) const FAMILIES: &[&str] = &[
    "DATABASE_",
    "REDIS_",
    "CACHE_REDIS_",
    "SESSION_",
    "PASSWORD_HASH_",
    "TRUSTED_",
    "RATELIMIT_",
    "EVENTS_",
    "JOBS_",
    "DEAD_JOBS_",
    "LANE_",
    "QUEUE_",
    "BACKGROUND_",
    "DISPATCHER_",
    "MAIL_",
    "WEBHOOK_",
    "DOMAIN_EVENT_",
    "BATCHTRACK_",
];
