//! Settings for a screen: nothing secret in them.
use super::Settings;
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};

impl Settings {
    /// Lines `NAME = value` for every setting, passwords left out of addresses and keys not shown.
    pub fn describe(&self) -> Vec<String> {
        self.of_all_services()
            .into_iter()
            .chain(self.of_background_work())
            .map(|(name, value)| format!("{name} = {value}"))
            .collect()
    }

    fn of_all_services(&self) -> Vec<(&'static str, String)> {
        let (d, r, h) = (&self.database, &self.redis, &self.http);
        [
            ("DATABASE_URL", secret_url(Some(&d.url))),
            ("DATABASE_SYSTEM_URL", secret_url(d.system_url.as_ref())),
            ("DATABASE_OWNER_URL", secret_url(d.owner_url.as_ref())),
            ("DATABASE_POOL_SIZE", d.pool_size.to_string()),
            ("DATABASE_SYSTEM_POOL_SIZE", d.system_pool_size.to_string()),
            (
                "DATABASE_CHECKOUT_TIMEOUT_MS",
                d.checkout_timeout_ms.to_string(),
            ),
            ("REDIS_URL", secret_url(Some(&r.url))),
            ("CACHE_REDIS_URL", secret_url(Some(r.cache_url()))),
            ("REDIS_POOL_SIZE", r.pool_size.to_string()),
            ("REDIS_PREFIX", r.prefix.clone()),
            ("REDIS_TIMEOUT_MS", r.timeout_ms.to_string()),
            ("HTTP_HOST", h.host.clone()),
            ("HTTP_PORT", h.port.to_string()),
            ("HTTP_WORKERS", h.workers.to_string()),
            ("APP_BASE_URL", h.base_url.to_string()),
            ("APP_SECRET_KEY", is_set(h.secret_key.as_ref())),
            ("TRUSTED_PROXIES", nets(&h.trusted_proxies)),
            ("TRUSTED_CLIENTS", nets(&h.trusted_clients)),
            ("RATELIMIT_PER_MINUTE", h.requests_per_minute.to_string()),
            ("RATELIMIT_ENABLED", self.limits.enabled.to_string()),
            ("RATELIMIT_DEFAULT", self.limits.default.to_string()),
            (
                "RATELIMIT_STORAGE_URI",
                secret_url(self.limits.storage_url.as_ref().or(Some(&r.url))),
            ),
            ("RATELIMIT_TIMEOUT_MS", self.limits.timeout_ms.to_string()),
            (
                "EVENTS_RETENTION_DAYS",
                self.events.retention_days.to_string(),
            ),
            (
                "SESSION_LIFETIME_MINUTES",
                self.session.lifetime_minutes.to_string(),
            ),
            (
                "SESSION_ABSOLUTE_LIFETIME_HOURS",
                self.session.absolute_lifetime_hours.to_string(),
            ),
            (
                "PASSWORD_HASH_CONCURRENCY",
                self.passwords.concurrency.to_string(),
            ),
            (
                "PASSWORD_HASH_QUEUE_TIMEOUT_MS",
                self.passwords.queue_timeout_ms.to_string(),
            ),
            (
                "AUTH_EMAIL_VERIFICATION_MODE",
                self.accounts.email_verification.as_str().to_owned(),
            ),
            (
                "AUTH_BREACHED_PASSWORDS_URL",
                self.accounts
                    .breached_passwords_url
                    .as_ref()
                    .map_or_else(|| "(not set)".to_owned(), |u| without_password(u.as_str())),
            ),
            ("LOG_LEVEL", self.log.level.clone()),
            (
                "LOG_FORMAT",
                format!("{:?}", self.log.format).to_lowercase(),
            ),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                self.telemetry
                    .otlp_endpoint
                    .as_ref()
                    .map_or_else(|| "(not set)".to_owned(), |u| without_password(u.as_str())),
            ),
            (
                "OTEL_TRACES_SAMPLE_RATIO",
                self.telemetry.traces_sample_ratio.to_string(),
            ),
            (
                "SHUTDOWN_TIMEOUT_SECONDS",
                self.shutdown.timeout_seconds.to_string(),
            ),
        ]
        .into()
    }

    fn of_background_work(&self) -> Vec<(&'static str, String)> {
        [
            ("MAIL_SMTP_URL", secret_url(self.mail.smtp_url.as_ref())),
            ("MAIL_FROM", self.mail.from.clone()),
            (
                "MAIL_TIMEOUT_SECONDS",
                self.mail.timeout_seconds.to_string(),
            ),
            (
                "WEBHOOK_LOG_RETENTION_DAYS",
                self.webhooks.log_retention_days.get().to_string(),
            ),
            (
                "WEBHOOK_ALLOWED_ADDRESSES",
                nets(&self.webhooks.allowed_addresses),
            ),
            (
                "DOMAIN_EVENT_WEBHOOK_URL",
                is_set(self.webhooks.operator_url.as_ref()),
            ),
            (
                "DOMAIN_EVENT_WEBHOOK_SECRET",
                is_set(self.webhooks.operator_secret.as_ref()),
            ),
            ("BACKGROUND_WORKERS", self.jobs.workers.to_string()),
            ("DISPATCHER_QUEUES", self.jobs.queues.join(",")),
            ("LANE_CONCURRENCY", self.jobs.lane_concurrency.to_string()),
            (
                "JOBS_POLL_INTERVAL_MS",
                self.jobs.poll_interval_ms.to_string(),
            ),
            ("JOBS_LEASE_SECONDS", self.jobs.lease_seconds.to_string()),
            (
                "DEAD_JOBS_RETENTION_DAYS",
                self.jobs.dead_retention_days.to_string(),
            ),
            (
                "EXPIRING_WITHIN_DAYS",
                self.jobs.expiring_within_days.to_string(),
            ),
            (
                "QUEUE_CRITICAL_CONCURRENCY",
                self.jobs.concurrency_of("critical").to_string(),
            ),
            (
                "QUEUE_WEBHOOKS_CONCURRENCY",
                self.jobs.concurrency_of("webhooks").to_string(),
            ),
            (
                "QUEUE_MAIL_CONCURRENCY",
                self.jobs.concurrency_of("mail").to_string(),
            ),
            (
                "QUEUE_PUSH_CONCURRENCY",
                self.jobs.concurrency_of("push").to_string(),
            ),
            (
                "QUEUE_FANOUT_CONCURRENCY",
                self.jobs.concurrency_of("fanout").to_string(),
            ),
            (
                "QUEUE_MEDIA_CONCURRENCY",
                self.jobs.concurrency_of("media").to_string(),
            ),
            (
                "QUEUE_EXPORTS_CONCURRENCY",
                self.jobs.concurrency_of("exports").to_string(),
            ),
            (
                "QUEUE_UPKEEP_CONCURRENCY",
                self.jobs.concurrency_of("upkeep").to_string(),
            ),
            (
                "QUEUE_BULK_CONCURRENCY",
                self.jobs.concurrency_of("bulk").to_string(),
            ),
        ]
        .into()
    }
}

fn nets(nets: &[IpNet]) -> String {
    let nets: Vec<_> = nets.iter().map(ToString::to_string).collect();
    nets.join(",")
}

fn secret_url(url: Option<&SecretString>) -> String {
    url.map_or_else(
        || "(not set)".to_owned(),
        |url| without_password(url.expose_secret()),
    )
}

fn is_set(secret: Option<&SecretString>) -> String {
    secret.map_or("(not set)", |_| "(set)").to_owned()
}

/// An address fit for a screen: the password gone, and nothing at all when it can't be read.
pub fn without_password(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(mut url) => {
            if url.password().is_some() && url.set_password(Some("REDACTED")).is_err() {
                return "(hidden)".to_owned();
            }
            url.set_query(None);
            url.to_string()
        }
        Err(_) => "(hidden)".to_owned(),
    }
}
