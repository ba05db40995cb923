//! Settings: embedded defaults, then an optional file, then the environment.
mod describe;

pub use self::describe::without_password;
use figment::{
    Figment,
    providers::{Format as _, Toml},
    value::{Dict, Map, Value},
};
use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;

const DEFAULTS: &str = include_str!("../../settings.default.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub database: DatabaseSettings,
    pub redis: RedisSettings,
    pub http: HttpSettings,
    pub session: SessionSettings,
    pub passwords: PasswordSettings,
    pub log: LogSettings,
    pub telemetry: TelemetrySettings,
    pub shutdown: ShutdownSettings,
}

/// What each setting means is said once, in `settings.default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// Carries a password, so it prints as `[REDACTED]`; so do the others of its type.
    pub url: SecretString,
    pub system_url: Option<SecretString>,
    pub owner_url: Option<SecretString>,
    pub pool_size: std::num::NonZeroU32,
    pub system_pool_size: std::num::NonZeroU32,
    pub checkout_timeout_ms: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisSettings {
    pub url: SecretString,
    pub cache_url: Option<SecretString>,
    pub pool_size: std::num::NonZeroU32,
    pub prefix: String,
    pub timeout_ms: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    pub host: String,
    pub port: u16,
    pub workers: usize,
    pub base_url: url::Url,
    pub secret_key: Option<SecretString>,
    pub trusted_proxies: Vec<IpNet>,
    pub trusted_clients: Vec<IpNet>,
    pub requests_per_minute: std::num::NonZeroU32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSettings {
    pub lifetime_minutes: std::num::NonZeroU32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordSettings {
    pub concurrency: usize,
    pub queue_timeout_ms: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    pub level: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Compact,
    Json,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetrySettings {
    pub otlp_endpoint: Option<url::Url>,
    pub traces_sample_ratio: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShutdownSettings {
    pub timeout_seconds: u64,
}

/// How an environment value is to be read.
#[derive(Clone, Copy)]
enum Read {
    Text,
    Number,
    List,
}

/// Every setting's name in the environment and its place in the file.
const NAMES: &[(&str, &str, &str, Read)] = &[
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
    (
        "SHUTDOWN_TIMEOUT_SECONDS",
        "shutdown",
        "timeout_seconds",
        Read::Number,
    ),
];

/// Names of the same families that are not settings of a process but of the operator's command.
const COMMAND_NAMES: &[&str] = &[
    "BATCHTRACK_CONFIG_FILE",
    "BATCHTRACK_HOME",
    "BATCHTRACK_BIND",
    "BATCHTRACK_HTTP_PORT",
    "BATCHTRACK_HTTPS_PORT",
    "BATCHTRACK_WEB_REPLICAS",
];

/// Nothing else may call itself so.
const FAMILIES: &[&str] = &[
    "DATABASE_",
    "REDIS_",
    "CACHE_REDIS_",
    "SESSION_",
    "PASSWORD_HASH_",
    "TRUSTED_",
    "RATELIMIT_",
    "BATCHTRACK_",
];

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("there is no setting {name}{}", did_you_mean(.suggestion.as_deref()))]
    Unknown {
        name: String,
        suggestion: Option<String>,
    },
    #[error("{name} must be a number, not {value:?}")]
    NotANumber { name: String, value: String },
    #[error("{}", explain(.0))]
    Invalid(Box<figment::Error>),
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |s| format!("; did you mean {s}?"))
}

fn explain(error: &figment::Error) -> String {
    let path = error.path.join(".");
    let named = NAMES
        .iter()
        .find(|(_, section, key, _)| path == format!("{section}.{key}"))
        .map(|(name, ..)| *name);
    match (&error.kind, named) {
        (figment::error::Kind::MissingField(field), _) => {
            let name = NAMES
                .iter()
                .find(|(_, section, key, _)| path.starts_with(section) && key == field)
                .map_or_else(|| field.to_string(), |(name, ..)| (*name).to_owned());
            format!("{name} is not set")
        }
        (kind, Some(name)) => format!("{name}: {kind}"),
        (kind, None) => format!("{path}: {kind}"),
    }
}

/// Reads the settings of this process.
pub fn load() -> Result<Settings, ConfigError> {
    load_with(&BTreeMap::new())
}

/// Reads the settings; `overlay` stands in for environment variables that are not set, as those of
/// a local stack that runs in the project's folder.
pub fn load_with(overlay: &BTreeMap<String, String>) -> Result<Settings, ConfigError> {
    let mut environment = overlay.clone();
    environment.extend(
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(_, value)| !value.is_empty()),
    );
    from_environment(&environment)
}

/// The settings that result from `environment` alone.
pub fn from_environment(environment: &BTreeMap<String, String>) -> Result<Settings, ConfigError> {
    refuse_unknown(environment)?;
    let mut figment = Figment::from(Toml::string(DEFAULTS));
    if let Some(path) = environment.get("BATCHTRACK_CONFIG_FILE") {
        figment = figment.merge(Toml::file_exact(path));
    }
    let mut sections: Map<String, Dict> = Map::new();
    for (name, section, key, read) in NAMES {
        let Some(text) = environment.get(*name).filter(|text| !text.is_empty()) else {
            continue;
        };
        let value = match read {
            Read::Text => Value::from(text.clone()),
            Read::List => Value::from(
                text.split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(|part| Value::from(part.to_owned()))
                    .collect::<Vec<_>>(),
            ),
            Read::Number => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => Value::from(whole),
                (_, Ok(number)) => Value::from(number),
                _ => {
                    return Err(ConfigError::NotANumber {
                        name: (*name).to_owned(),
                        value: text.clone(),
                    });
                }
            },
        };
        sections
            .entry((*section).to_owned())
            .or_default()
            .insert((*key).to_owned(), value);
    }
    for (section, values) in sections {
        figment = figment.merge(figment::providers::Serialized::default(&section, values));
    }
    figment
        .extract()
        .map_err(|error| ConfigError::Invalid(Box::new(error)))
}

/// A misspelt setting would silently do nothing; it stops the process instead.
fn refuse_unknown(environment: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    let known = || {
        NAMES
            .iter()
            .map(|(name, ..)| *name)
            .chain(COMMAND_NAMES.iter().copied())
    };
    for (name, value) in environment {
        if known().any(|k| k == name) || is_kubernetes_link(name, value) {
            continue;
        }
        let nearest = known()
            .map(|k| (strsim::damerau_levenshtein(k, name), k))
            .min()
            .filter(|(distance, _)| *distance <= 2);
        let ours = FAMILIES.iter().any(|family| name.starts_with(family));
        if ours || nearest.is_some() {
            let suggestion = nearest.map(|(_, k)| k.to_owned());
            return Err(ConfigError::Unknown {
                name: name.clone(),
                suggestion,
            });
        }
    }
    Ok(())
}

/// Kubernetes puts `REDIS_PORT=tcp://…` and the like into every pod beside a service named redis.
fn is_kubernetes_link(name: &str, value: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.contains("_PORT_")
        || (name.ends_with("_PORT") && value.starts_with("tcp://"))
}

impl DatabaseSettings {
    /// The system role's address; without one of its own, the app role's, which suits tests only.
    pub fn system_url(&self) -> &SecretString {
        self.system_url.as_ref().unwrap_or(&self.url)
    }
}

impl RedisSettings {
    pub fn cache_url(&self) -> &SecretString {
        self.cache_url.as_ref().unwrap_or(&self.url)
    }
}

impl HttpSettings {
    /// Whether the public reaches us over TLS, so that cookies must not travel without.
    pub fn is_secure(&self) -> bool {
        self.base_url.scheme() == "https"
    }
}

#[cfg(test)]
mod tests;
