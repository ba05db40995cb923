//! A database to measure in.
use batchtrack_core::{
    kernel::{Clock, ids::OrganizationId},
    platform::{Db, Lifecycle, SystemDb, db::Acting, wake::Bell},
    webhooks::Desk,
};
use batchtrack_testkit::{Role, TestDb};
use std::collections::BTreeMap;
use tokio_postgres::{Client, NoTls};

const LOOPBACK: &str = "127.0.0.0/8";

pub(crate) struct Place {
    pub(crate) t: TestDb,
    /// With the machine's clock, unlike those of a test.
    pub(crate) db: Db,
    pub(crate) system: SystemDb,
    bell: Bell,
    /// As the superuser, for what only a measurement asks.
    pub(crate) sql: Client,
    pub(crate) organizations: Vec<OrganizationId>,
}

impl Place {
    pub(crate) async fn new(organizations: usize) -> Self {
        let t = TestDb::new().await;
        let mut settings = t.settings.database.clone();
        settings.pool_size = 8.try_into().expect("more than none");
        settings.system_pool_size = 8.try_into().expect("more than none");
        let bell = Bell::default();
        let db = Db::connect(&settings, Clock::System).await.expect("a pool");
        let system = SystemDb::connect(&settings, Clock::System)
            .await
            .expect("a pool");
        let mut made = Vec::new();
        for number in 0..organizations {
            made.push(t.organization(&format!("Maker {number}")).await);
        }
        let sql = connect(&t.url(Role::Admin)).await;
        Self {
            t,
            db: db.with_bell(&bell),
            system: system.with_bell(&bell),
            bell,
            sql,
            organizations: made,
        }
    }

    /// What endpoints are made with; receivers on this machine are allowed.
    pub(crate) fn desk(&self) -> Desk {
        let mut settings = self.t.settings.clone();
        settings.webhooks.allowed_addresses = vec![LOOPBACK.parse().expect("a network")];
        Desk::new(&settings).expect("a key")
    }

    /// Another connection as the superuser.
    pub(crate) async fn another(&self) -> Client {
        connect(&self.t.url(Role::Admin)).await
    }

    pub(crate) fn organization(&self, number: usize) -> OrganizationId {
        let at = number % self.organizations.len();
        *self.organizations.get(at).expect("within the list")
    }

    pub(crate) fn acting(organization: OrganizationId) -> Acting {
        Acting {
            organization,
            user: None,
            correlation: "measurement".into(),
        }
    }

    /// What a process of ours is started with.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let settings = &self.t.settings;
        [
            ("DATABASE_URL", self.t.url(Role::App)),
            ("DATABASE_SYSTEM_URL", self.t.url(Role::System)),
            ("REDIS_URL", crate::redis_url()),
            ("REDIS_PREFIX", settings.redis.prefix.clone()),
            ("APP_SECRET_KEY", "5eed".repeat(16)),
            ("HTTP_PORT", "0".to_owned()),
            ("LOG_LEVEL", "warn".to_owned()),
            ("WEBHOOK_ALLOWED_ADDRESSES", LOOPBACK.to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// Does `work` and tells other processes meanwhile of what it commits, as the web service does.
    pub(crate) async fn ringing<T>(&self, work: impl Future<Output = T>) -> T {
        let life = Lifecycle::default();
        let redis = self.t.redis().await;
        tokio::select! {
            () = self.bell.publish(&life, &redis) => unreachable!("it goes on until the process stops"),
            done = work => done,
        }
    }

    pub(crate) async fn one<T>(&self, sql: &str) -> T
    where
        T: for<'a> tokio_postgres::types::FromSql<'a>,
    {
        self.sql.query_one(sql, &[]).await.expect(sql).get(0)
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.sql.batch_execute(sql).await.expect(sql);
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("the server is reachable");
    tokio::spawn(connection);
    client
}
