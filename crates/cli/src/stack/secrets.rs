//! Passwords of the private stack: made up once, kept for their owner's eyes only.
use super::{home::Home, keyfile};
use anyhow::Context as _;

const NAMES: [&str; 7] = [
    "POSTGRES_PASSWORD",
    "OWNER_PASSWORD",
    "APP_PASSWORD",
    "SYSTEM_PASSWORD",
    "REDIS_PASSWORD",
    "APP_SECRET_KEY",
    "DEMO_PASSWORD",
];

/// All of them, in hexadecimal, so that they need no quoting in a URL or a configuration file.
pub(crate) struct Secrets {
    /// Of the private server's superuser.
    pub(crate) postgres: String,
    pub(crate) owner: String,
    pub(crate) app: String,
    pub(crate) system: String,
    pub(crate) redis: String,
    /// Signs cookies and tokens.
    pub(crate) app_key: String,
    /// Of the demo account.
    pub(crate) demo: String,
}

impl Secrets {
    pub(crate) fn load(home: &Home) -> anyhow::Result<Self> {
        let path = home.root().join("secrets");
        let mut keys = keyfile::read(&path)?;
        let before = keys.len();
        for name in NAMES {
            if !keys.contains_key(name) {
                keys.insert(name.to_owned(), made_up()?);
            }
        }
        if keys.len() != before {
            keyfile::write(&path, &keys)?;
        }
        let mut take = |name: &str| {
            keys.remove(name)
                .with_context(|| format!("{} lost {name}", path.display()))
        };
        let [postgres, owner, app, system, redis, app_key, demo] = NAMES;
        Ok(Self {
            postgres: take(postgres)?,
            owner: take(owner)?,
            app: take(app)?,
            system: take(system)?,
            redis: take(redis)?,
            app_key: take(app_key)?,
            // Somebody types this one.
            demo: take(demo)?.chars().take(12).collect(),
        })
    }
}

fn made_up() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).context("asking the system for random numbers")?;
    Ok(hex::encode(bytes))
}
