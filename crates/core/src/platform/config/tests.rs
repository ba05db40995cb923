use super::*;
use secrecy::ExposeSecret as _;

fn with(extra: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    let mut environment = BTreeMap::from(
        [
            ("DATABASE_URL", "postgres://app:hunter2@db/batchtrack"),
            ("REDIS_URL", "redis://:hunter3@cache/0"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned())),
    );
    environment.extend(
        extra
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
    );
    from_environment(&environment)
}

#[test]
fn the_environment_wins_over_the_defaults() {
    let settings = with(&[
        ("DATABASE_POOL_SIZE", "4"),
        ("TRUSTED_CLIENTS", "127.0.0.1/32, ::1/128"),
    ])
    .unwrap();
    assert_eq!(settings.database.pool_size.get(), 4);
    assert_eq!(settings.database.system_pool_size.get(), 4);
    assert_eq!(settings.http.trusted_clients.len(), 2);
    assert_eq!(with(&[]).unwrap().database.pool_size.get(), 16);
}

#[test]
fn the_internal_address_is_preferred() {
    let settings = with(&[("DATABASE_INTERNAL_URL", "postgresql://inside/batchtrack")]).unwrap();
    assert_eq!(
        settings.database.url.expose_secret(),
        "postgresql://inside/batchtrack"
    );
    let settings = with(&[("DATABASE_INTERNAL_URL", "")]).unwrap();
    assert!(settings.database.url.expose_secret().contains("@db/"));
}

#[test]
fn secrets_are_never_shown() {
    let settings = with(&[
        ("APP_SECRET_KEY", &"ab".repeat(32)),
        ("MAIL_SMTP_URL", "smtps://us:hunter4@mail.example.com"),
    ])
    .unwrap();
    let shown = format!("{settings:?} {}", settings.describe().join("\n"));
    for secret in ["hunter2", "hunter3", "hunter4", "abab"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn every_setting_is_described() {
    let lines = with(&[]).unwrap().describe();
    for (name, ..) in NAMES
        .iter()
        .filter(|(name, ..)| *name != "DATABASE_INTERNAL_URL")
    {
        assert!(
            lines.iter().any(|l| l.starts_with(&format!("{name} = "))),
            "{name}"
        );
        assert!(
            DEFAULTS.contains(name),
            "{name} is missing from settings.default.toml"
        );
    }
}

#[test]
fn a_misspelt_setting_stops_the_process() {
    let says = |extra: &[(&str, &str)]| with(extra).unwrap_err().to_string();
    assert_eq!(
        says(&[("DATABASE_POOLSIZE", "4")]),
        "there is no setting DATABASE_POOLSIZE; did you mean DATABASE_POOL_SIZE?"
    );
    assert_eq!(
        says(&[("LOG_LEVLE", "debug")]),
        "there is no setting LOG_LEVLE; did you mean LOG_LEVEL?"
    );
    assert_eq!(
        says(&[("REDIS_COLOUR", "red")]),
        "there is no setting REDIS_COLOUR"
    );
    assert!(says(&[("DATABASE_POOL_SIZE", "many")]).contains("must be a number"));
    assert!(says(&[("DATABASE_POOL_SIZE", "0")]).starts_with("DATABASE_POOL_SIZE"));
    assert_eq!(
        from_environment(&BTreeMap::new()).unwrap_err().to_string(),
        "DATABASE_URL is not set"
    );
}

#[test]
fn strangers_in_the_environment_are_left_alone() {
    with(&[
        ("PATH", "/bin"),
        ("HTTP_PROXY", "x"),
        ("REDIS_PORT", "tcp://10.0.0.1:6379"),
        ("REDIS_SERVICE_HOST", "10.0.0.1"),
        ("REDIS_PORT_6379_TCP_ADDR", "10.0.0.1"),
    ])
    .unwrap();
}
