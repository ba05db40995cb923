//! Settings: embedded defaults, then an optional file, then the environment.
mod accounts;
mod describe;
mod jobs;
mod names;

use self::names::{COMMAND_NAMES, FAMILIES, NAMES, Read};
pub use self::{
    accounts::{AccountSettings, AddressProof},
    describe::without_password,
    jobs::JobSettings,
};
use super::quota::Quotas;
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
    pub limits: LimitSettings,
    pub session: SessionSettings,
    pub passwords: PasswordSettings,
    pub accounts: AccountSettings,
    pub log: LogSettings,
    pub telemetry: TelemetrySettings,
    pub mail: MailSettings,
    pub webhooks: WebhookSettings,
    pub shutdown: ShutdownSettings,
    pub events: EventSettings,
    pub jobs: JobSettings,
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
pub struct LimitSettings {
    pub enabled: bool,
    pub default: Quotas,
    pub storage_url: Option<SecretString>,
    pub timeout_ms: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSettings {
    pub lifetime_minutes: std::num::NonZeroU32,
    pub absolute_lifetime_hours: std::num::NonZeroU32,
}

impl SessionSettings {
    /// Of idleness.
    pub fn lifetime(&self) -> chrono::TimeDelta {
        chrono::TimeDelta::minutes(i64::from(self.lifetime_minutes.get()))
    }

    /// However busy somebody is.
    pub fn absolute_lifetime(&self) -> chrono::TimeDelta {
        chrono::TimeDelta::hours(i64::from(self.absolute_lifetime_hours.get()))
    }
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
pub struct MailSettings {
    pub smtp_url: Option<SecretString>,
    pub from: String,
    pub timeout_seconds: std::num::NonZeroU32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    pub log_retention_days: LogDays,
    pub allowed_addresses: Vec<IpNet>,
    /// An address may end in a secret.
    pub operator_url: Option<SecretString>,
    pub operator_secret: Option<SecretString>,
}

/// Days that a delivery is kept for: longer than its last attempt takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub struct LogDays(u32);

impl LogDays {
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for LogDays {
    type Error = &'static str;
    fn try_from(days: u32) -> Result<Self, Self::Error> {
        if (7..=3_650).contains(&days) {
            Ok(Self(days))
        } else {
            Err("from 7 to 3650 days")
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSettings {
    pub retention_days: std::num::NonZeroU32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShutdownSettings {
    pub timeout_seconds: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("there is no setting {name}{}", did_you_mean(.suggestion.as_deref()))]
    Unknown {
        name: String,
        suggestion: Option<String>,
    },
    #[error("{name} must be true or false, not {value:?}")]
    NotAFlag { name: String, value: String },
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

/// Whether a variable of that name is a setting.
pub fn is_setting(name: &str) -> bool {
    NAMES.iter().any(|(known, ..)| *known == name)
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
            Read::Flag => match text.trim().to_ascii_lowercase().as_str() {
                "1" | "true" | "yes" | "on" => Value::from(true),
                "0" | "false" | "no" | "off" => Value::from(false),
                _ => {
                    return Err(ConfigError::NotAFlag {
                        name: (*name).to_owned(),
                        value: text.clone(),
                    });
                }
            },
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
