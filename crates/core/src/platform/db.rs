//! Pools, and the only two ways to a connection: [`Db::begin`] for tenants, [`SystemDb::begin`]
//! for what happens before or beyond a tenant.
use super::{config::DatabaseSettings, connect::establish, migrate, wake::Bell};
use crate::kernel::{
    Clock, StoreError,
    ids::{ApiTokenId, OperatorStayId, OrganizationId, UserId},
};
use chrono::{DateTime, Utc};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, TransactionManager as _,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, PoolError, RecyclingMethod,
        bb8::{Pool, PooledConnection},
    },
};
use futures_util::FutureExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use std::{collections::BTreeSet, net::IpAddr, sync::Arc, time::Duration};

type Lent = PooledConnection<'static, AsyncPgConnection>;
type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// Connections as the app role, whose rows end at the fence of the current organisation.
#[derive(Clone)]
pub struct Db {
    pool: Pool<AsyncPgConnection>,
    clock: Clock,
    bell: Bell,
}

/// Who acts, in which organisation, and on account of which request.
#[derive(Debug, Clone)]
pub struct Acting {
    pub organization: OrganizationId,
    pub user: Option<UserId>,
    /// The request's id, as in the logs and the events.
    pub correlation: Arc<str>,
}

/// A token by which a program acts.
#[derive(Debug, Clone)]
pub struct Program {
    pub token: ApiTokenId,
    /// As its maker called it.
    pub name: Arc<str>,
}

/// Where a unit of work comes from, for the list of who did what.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The address that its request came from.
    pub client: Option<IpAddr>,
    /// Of an operator who acts as the organisation; its user is theirs.
    pub stay: Option<Arc<OperatorStay>>,
}

/// An operator acting as an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorStay {
    pub id: OperatorStayId,
    /// What to call them.
    pub name: String,
    pub email: String,
    pub reason: String,
}

impl Db {
    /// Makes a pool; connections are opened as they are needed.
    pub async fn connect(settings: &DatabaseSettings, clock: Clock) -> Result<Self, PoolError> {
        let pool = pool(&settings.url, settings.pool_size.get(), settings).await?;
        Ok(Self {
            pool,
            clock,
            bell: Bell::default(),
        })
    }

    /// Opens a unit of work that sees one organisation's rows and no other's, in one round trip.
    pub async fn begin(&self, acting: Acting) -> Result<OrgTx, StoreError> {
        self.begin_from(acting, Origin::default()).await
    }

    /// The same, of a request that says where it comes from.
    pub async fn begin_from(&self, acting: Acting, origin: Origin) -> Result<OrgTx, StoreError> {
        let organization = acting.organization.get();
        let sql = format!("BEGIN; SET LOCAL app.organization_id = '{organization}'");
        let conn = begin(&self.pool, &sql).await?;
        Ok(OrgTx {
            acting,
            program: None,
            origin,
            now: self.clock.now(),
            conn: Some(conn),
            bell: self.bell.clone(),
            topics: BTreeSet::new(),
        })
    }

    /// Refuses a role that row level security does not bind, where there is a database to ask.
    pub async fn check_role(&self) -> Result<(), RoleError> {
        refuse_above_the_fence(&self.pool).await
    }

    /// Rings `bell` after commits that left something to be done.
    #[must_use]
    pub fn with_bell(mut self, bell: &Bell) -> Self {
        self.bell = bell.clone();
        self
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }
    pub fn state(&self) -> bb8::State {
        self.pool.state()
    }
}

/// Connections as the system role: sign-in, relay, upkeep, readiness.
#[derive(Clone)]
pub struct SystemDb {
    pool: Pool<AsyncPgConnection>,
    clock: Clock,
    bell: Bell,
}

impl SystemDb {
    pub async fn connect(settings: &DatabaseSettings, clock: Clock) -> Result<Self, PoolError> {
        let size = settings.system_pool_size.get();
        let pool = pool(settings.system_url(), size, settings).await?;
        Ok(Self {
            pool,
            clock,
            bell: Bell::default(),
        })
    }

    /// Refuses a role that row level security does not bind, where there is a database to ask.
    pub async fn check_role(&self) -> Result<(), RoleError> {
        refuse_above_the_fence(&self.pool).await
    }

    /// Whether the database answers and has every migration this program knows.
    pub async fn is_ready(&self) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        migrate::is_current(tx.conn()).await
    }

    pub async fn begin(&self) -> Result<SystemTx, StoreError> {
        self.begin_with("BEGIN").await
    }

    /// With settings that end with the transaction: `BEGIN; SET LOCAL …`.
    pub(crate) async fn begin_with(&self, sql: &'static str) -> Result<SystemTx, StoreError> {
        let conn = begin(&self.pool, sql).await?;
        Ok(SystemTx {
            now: self.clock.now(),
            conn: Some(conn),
            bell: self.bell.clone(),
            topics: BTreeSet::new(),
        })
    }

    /// Rings `bell` after commits that left something to be done.
    #[must_use]
    pub fn with_bell(mut self, bell: &Bell) -> Self {
        self.bell = bell.clone();
        self
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }
    pub fn state(&self) -> bb8::State {
        self.pool.state()
    }
}

/// A service must not start as a role that sees all tenants.
#[derive(Debug, thiserror::Error)]
pub enum RoleError {
    #[error(
        "the database role is a superuser or has BYPASSRLS, so one tenant could see another's rows; \
         use the roles of deploy/postgres/roles.sql"
    )]
    AboveTheFence,
    #[error(transparent)]
    Store(#[from] StoreError),
}

async fn refuse_above_the_fence(pool: &Pool<AsyncPgConnection>) -> Result<(), RoleError> {
    let mut conn = pool.get().await.map_err(StoreError::from)?;
    if migrate::is_above_the_fence(&mut conn).await? {
        return Err(RoleError::AboveTheFence);
    }
    Ok(())
}

async fn pool(
    url: &SecretString,
    size: u32,
    settings: &DatabaseSettings,
) -> Result<Pool<AsyncPgConnection>, PoolError> {
    let mut config = ManagerConfig::default();
    // No `SELECT 1` at every checkout: a dead connection shows itself at BEGIN, see `begin`.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|url| establish(url).boxed());
    let manager = AsyncDieselConnectionManager::new_with_config(url.expose_secret(), config);
    Pool::builder()
        .max_size(size)
        .test_on_check_out(false)
        .connection_timeout(Duration::from_millis(settings.checkout_timeout_ms))
        .error_sink(Box::new(LoggingSink))
        .build(manager)
        .await
}

/// bb8 swallows connection errors by default and reports a bare timeout.
#[derive(Debug, Clone, Copy)]
struct LoggingSink;

impl bb8::ErrorSink<PoolError> for LoggingSink {
    fn sink(&self, error: PoolError) {
        tracing::warn!(%error, "a database connection could not be made");
    }
    fn boxed_clone(&self) -> Box<dyn bb8::ErrorSink<PoolError>> {
        Box::new(*self)
    }
}

/// Begins a transaction. A connection that died while idle (PostgreSQL restarted, say) is thrown
/// away and another taken, until a fresh one answers or none can be had.
async fn begin(pool: &Pool<AsyncPgConnection>, sql: &str) -> Result<Lent, StoreError> {
    let most = pool.state().connections + 1;
    let mut tried = 0;
    loop {
        let mut conn = pool.get_owned().await?;
        match Manager::begin_transaction_sql(&mut *conn, sql).await {
            Ok(()) => return Ok(conn),
            Err(error) => {
                let error = StoreError::from(error);
                tried += 1;
                if !error.is_closed() || tried > most {
                    return Err(error);
                }
            }
        }
    }
}

/// A unit of work for one organisation. Nothing is kept unless [`OrgTx::commit`] is called.
#[must_use = "an uncommitted unit of work is rolled back"]
pub struct OrgTx {
    acting: Acting,
    program: Option<Program>,
    origin: Origin,
    now: DateTime<Utc>,
    conn: Option<Lent>,
    bell: Bell,
    topics: BTreeSet<&'static str>,
}

impl OrgTx {
    pub const fn organization(&self) -> OrganizationId {
        self.acting.organization
    }
    pub const fn user(&self) -> Option<UserId> {
        self.acting.user
    }
    /// The token by which somebody acts, or by which the organisation itself does.
    pub const fn program(&self) -> Option<&Program> {
        self.program.as_ref()
    }
    /// Acts by a token that was found good: as the person whose it is, or as nobody.
    pub(crate) fn act_by(&mut self, user: Option<UserId>, program: Program) {
        self.acting.user = user;
        self.program = Some(program);
    }
    pub fn correlation(&self) -> &str {
        &self.acting.correlation
    }
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }
    /// Says that its user is an operator who acts as the organisation.
    pub fn act_as(&mut self, stay: OperatorStay) {
        self.origin.stay = Some(Arc::new(stay));
    }
    /// One moment for the whole unit of work.
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }
    /// For `core` alone: no service can run a query of its own.
    pub(crate) fn conn(&mut self) -> &mut AsyncPgConnection {
        self.conn.as_mut().expect("live until commit")
    }
    /// Wakes those who listen to `topic` once this has committed.
    pub(crate) fn will_ring(&mut self, topic: &'static str) {
        self.topics.insert(topic);
    }
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let mut conn = self.conn.take().expect("live until commit");
        Manager::commit_transaction(&mut *conn).await?;
        self.bell.ring(&self.topics);
        Ok(())
    }
}

impl Drop for OrgTx {
    fn drop(&mut self) {
        roll_back(self.conn.take());
    }
}

/// A unit of work beyond tenants.
#[must_use = "an uncommitted unit of work is rolled back"]
pub struct SystemTx {
    now: DateTime<Utc>,
    conn: Option<Lent>,
    bell: Bell,
    topics: BTreeSet<&'static str>,
}

impl SystemTx {
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }
    pub(crate) fn conn(&mut self) -> &mut AsyncPgConnection {
        self.conn.as_mut().expect("live until commit")
    }
    /// Wakes those who listen to `topic` once this has committed.
    pub(crate) fn will_ring(&mut self, topic: &'static str) {
        self.topics.insert(topic);
    }
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let mut conn = self.conn.take().expect("live until commit");
        Manager::commit_transaction(&mut *conn).await?;
        self.bell.ring(&self.topics);
        Ok(())
    }
}

impl Drop for SystemTx {
    fn drop(&mut self) {
        roll_back(self.conn.take());
    }
}

/// Gives a connection back clean. With no runtime left it just closes, which rolls back too.
fn roll_back(conn: Option<Lent>) {
    let (Some(mut conn), Ok(runtime)) = (conn, tokio::runtime::Handle::try_current()) else {
        return;
    };
    runtime.spawn(async move {
        if let Err(error) = Manager::rollback_transaction(&mut *conn).await {
            tracing::warn!(%error, "rollback failed; the pool discards the connection");
        }
    });
}
