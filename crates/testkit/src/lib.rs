//! Real servers for tests: a database of its own for each, cloned from a migrated template and
//! dropped with the value, a Redis prefix of its own, and a clock that the test moves.
//!
//! `make test` starts the servers and says where they are in `TEST_DATABASE_URL` (a superuser's
//! address) and `TEST_REDIS_URL`.
#![expect(
    clippy::disallowed_methods,
    reason = "a harness connects as the administrator and reads its own variables"
)]
mod builders;
mod mail_sink;
mod roles;
pub mod sample;
mod servers;
pub mod standard_webhooks;
mod template;

pub use self::{
    builders::{
        CORRELATION, Size, adjustment, amount, batch_of, event, ingredient, money, receipt, recipe,
        unit,
    },
    mail_sink::MailSink,
    roles::Role,
};

use batchtrack_core::{
    kernel::Clock,
    platform::{Db, Redis, Settings, SystemDb, config},
};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use secrecy::SecretString;
use std::{collections::BTreeMap, num::NonZeroU32, sync::Mutex};
use uuid::Uuid;

/// A migrated, empty database for one test, and all that a service needs to run on it.
pub struct TestDb {
    name: String,
    /// As the app role: what web uses.
    pub db: Db,
    pub system: SystemDb,
    /// Fit for a service: these databases, a Redis prefix of its own, port 0.
    pub settings: Settings,
    /// Stands still at 2026-11-01 12:00 UTC until the test advances it.
    pub clock: Clock,
    owners: Mutex<builders::Owners>,
}

impl TestDb {
    pub async fn new() -> Self {
        Self::with_pool(4).await
    }

    /// With a pool of `size` connections as the app role.
    pub async fn with_pool(size: u32) -> Self {
        let template = template::ensure().await;
        let name = format!("{}{}", template::TEST_PREFIX, Uuid::now_v7().simple());
        let mut admin = servers::admin().await;
        admin
            .batch_execute(&format!(
                "CREATE DATABASE {name} TEMPLATE {template} OWNER batchtrack_owner"
            ))
            .await
            .expect("the template can be cloned");
        let settings = settings(&name, size);
        let clock = Clock::fixed("2026-11-01T12:00:00Z".parse().expect("a moment"));
        let db = Db::connect(&settings.database, clock.clone())
            .await
            .expect("a pool");
        let system = SystemDb::connect(&settings.database, clock.clone())
            .await
            .expect("a pool");
        Self {
            name,
            db,
            system,
            settings,
            clock,
            owners: Mutex::default(),
        }
    }

    /// This database's address for `role`, for tests that hand it to a program.
    pub fn url(&self, role: Role) -> String {
        servers::url(role, &self.name)
    }

    pub fn owner_url(&self) -> String {
        self.url(Role::Owner)
    }

    /// A connection of its own, outside of the pools and without an organisation set.
    pub async fn conn(&self, role: Role) -> AsyncPgConnection {
        AsyncPgConnection::establish(&self.url(role))
            .await
            .expect("the test database is reachable")
    }

    /// Sees all rows and may change all but what triggers forbid.
    pub async fn owner_conn(&self) -> AsyncPgConnection {
        self.conn(Role::Owner).await
    }

    pub async fn app_conn(&self) -> AsyncPgConnection {
        self.conn(Role::App).await
    }

    /// A pool whose role row level security does not bind: what still keeps tenants apart here is
    /// each query's own filter.
    pub async fn unfenced_db(&self) -> Db {
        self.db_as(Role::Owner).await
    }

    /// A pool as `role`; only [`Role::App`] is one that a service would accept.
    pub async fn db_as(&self, role: Role) -> Db {
        let mut settings = self.settings.database.clone();
        settings.url = SecretString::from(self.url(role));
        Db::connect(&settings, self.clock.clone())
            .await
            .expect("a pool")
    }

    /// Redis under this test's prefix.
    pub async fn redis(&self) -> Redis {
        Redis::connect(&self.settings.redis).await.expect("a pool")
    }
}

fn settings(database: &str, pool_size: u32) -> Settings {
    let environment = [
        ("DATABASE_URL", servers::url(Role::App, database)),
        ("DATABASE_SYSTEM_URL", servers::url(Role::System, database)),
        ("DATABASE_OWNER_URL", servers::url(Role::Owner, database)),
        ("REDIS_URL", servers::redis_url()),
        ("REDIS_PREFIX", format!("test-{}", Uuid::now_v7().simple())),
        ("APP_SECRET_KEY", "5eed".repeat(16)),
        ("HTTP_PORT", "0".to_owned()),
        ("HTTP_WORKERS", "2".to_owned()),
        ("LOG_LEVEL", "warn".to_owned()),
        ("SHUTDOWN_TIMEOUT_SECONDS", "5".to_owned()),
    ];
    let environment: BTreeMap<_, _> = environment
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let mut settings = config::from_environment(&environment).expect("settings for a test");
    // Many tests share one server, on a machine that may be busy: what they ask is whether the answer
    // is right, not how soon it comes.
    settings.database.checkout_timeout_ms = 60_000;
    settings.redis.timeout_ms = 10_000;
    settings.limits.timeout_ms = 10_000;
    settings.database.pool_size = NonZeroU32::new(pool_size).expect("a pool has connections");
    settings.redis.pool_size = NonZeroU32::MIN;
    settings
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let name = self.name.clone();
        // A thread of its own: the test's runtime may already be on its way down.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let mut admin = servers::admin().await;
                admin
                    .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                    .await
                    .expect("the test database can be dropped");
            });
        })
        .join();
        assert!(
            dropped.is_ok() || std::thread::panicking(),
            "the database of a test could not be dropped"
        );
    }
}
