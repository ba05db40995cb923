//! Roles, databases and migrations: what an administrator or the owner does.
use super::connect::establish;
use crate::kernel::StoreError;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::{
    AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection as _,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");
const ROLES: &str = include_str!("../../../../deploy/postgres/roles.sql");

/// The role that migrates, and the two that services use.
pub const OWNER: &str = "batchtrack_owner";
pub const APP: &str = "batchtrack_app";
pub const SYSTEM: &str = "batchtrack_system";

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("can't reach the database: {0}")]
    Connect(#[from] diesel::ConnectionError),
    #[error("{0}")]
    Query(#[from] diesel::result::Error),
    #[error("a migration failed: {0}")]
    Migration(String),
    #[error("passwords may consist of letters and digits only")]
    Password,
    #[error(
        "the role {0} exists on that server with another password, so another installation may use it; \
         give DATABASE_URL, DATABASE_SYSTEM_URL and DATABASE_OWNER_URL of the one to use"
    )]
    RoleTaken(&'static str),
}

/// The passwords of the three roles: letters and digits.
#[derive(Clone)]
pub struct RolePasswords {
    pub owner: String,
    pub app: String,
    pub system: String,
}

/// What to do about roles that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// The server is ours alone: give them these passwords.
    Reset,
    /// Another installation may sign in with them: leave theirs be, and refuse when they differ.
    Keep,
}

/// Creates the three roles where they are missing and sets their passwords. `admin_url` belongs to
/// a superuser, or to a role that may create roles with BYPASSRLS.
pub async fn ensure_roles(
    admin_url: &str,
    passwords: &RolePasswords,
    existing: Existing,
) -> Result<(), MigrateError> {
    let mut conn = establish(admin_url).await?;
    let before: Vec<String> = diesel::dsl::sql::<Text>(
        "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'batchtrack\\_%'",
    )
    .load(&mut conn)
    .await?;
    conn.batch_execute(ROLES).await?;
    for (role, password) in [
        (OWNER, &passwords.owner),
        (APP, &passwords.app),
        (SYSTEM, &passwords.system),
    ] {
        if password.is_empty() || !password.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(MigrateError::Password);
        }
        if existing == Existing::Keep && before.iter().any(|name| name == role) {
            if establish(&as_role(admin_url, role, password))
                .await
                .is_err()
            {
                return Err(MigrateError::RoleTaken(role));
            }
            continue;
        }
        conn.batch_execute(&format!("ALTER ROLE {role} PASSWORD '{password}'"))
            .await?;
    }
    Ok(())
}

/// `url` with another user; an address that can't be rewritten can't be signed in to either.
fn as_role(url: &str, role: &str, password: &str) -> String {
    let rewritten = url::Url::parse(url).ok().and_then(|mut url| {
        url.set_username(role).ok()?;
        url.set_password(Some(password)).ok()?;
        Some(url.to_string())
    });
    rewritten.unwrap_or_default()
}

/// Creates `database`, owned by the owner role, where it is missing.
pub async fn ensure_database(admin_url: &str, database: &str) -> Result<(), MigrateError> {
    let mut conn = establish(admin_url).await?;
    let found: i64 =
        diesel::dsl::sql::<BigInt>("SELECT count(*) FROM pg_database WHERE datname = ")
            .bind::<Text, _>(database)
            .get_result(&mut conn)
            .await?;
    if found == 0 {
        let quoted = database.replace('"', "\"\"");
        conn.batch_execute(&format!("CREATE DATABASE \"{quoted}\" OWNER {OWNER}"))
            .await?;
    }
    Ok(())
}

/// Runs the pending migrations as the owner and fills the shared library. Returns their names.
pub async fn run(owner_url: &str) -> Result<Vec<String>, MigrateError> {
    let mut guard = establish(owner_url).await?;
    // Two migrators at once (replicas of a job, say) take turns; the lock ends with the connection.
    guard
        .batch_execute("SELECT pg_advisory_lock(7301002)")
        .await?;
    let conn = establish(owner_url).await?;
    let done = tokio::task::spawn_blocking(move || {
        AsyncMigrationHarness::new(conn)
            .run_pending_migrations(MIGRATIONS)
            .map(|done| done.iter().map(ToString::to_string).collect::<Vec<_>>())
            .map_err(|error| MigrateError::Migration(error.to_string()))
    })
    .await
    .map_err(|error| MigrateError::Migration(error.to_string()))??;
    Ok(done)
}

/// Takes every migration back and runs them again; for the test that each can be undone.
pub async fn redo_all(owner_url: &str) -> Result<(), MigrateError> {
    let conn = establish(owner_url).await?;
    tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(conn);
        harness
            .revert_all_migrations(MIGRATIONS)
            .map_err(|error| MigrateError::Migration(error.to_string()))?;
        harness
            .run_pending_migrations(MIGRATIONS)
            .map_err(|error| MigrateError::Migration(error.to_string()))?;
        Ok(())
    })
    .await
    .map_err(|error| MigrateError::Migration(error.to_string()))?
}

/// Whether every migration this program knows has been run. Unknown newer ones do not matter: old
/// code serves while new code migrates.
pub(super) async fn is_current(conn: &mut AsyncPgConnection) -> Result<bool, StoreError> {
    use diesel::migration::{Migration, MigrationSource as _};
    let known: Vec<Box<dyn Migration<diesel::pg::Pg>>> = MIGRATIONS
        .migrations()
        .map_err(diesel::result::Error::QueryBuilderError)?;
    let known: Vec<String> = known
        .iter()
        .map(|m| m.name().version().to_string())
        .collect();
    let wanted = i64::try_from(known.len()).unwrap_or(i64::MAX);
    let found: i64 = diesel::dsl::sql::<BigInt>(
        "SELECT count(*) FROM __diesel_schema_migrations WHERE version = ANY(",
    )
    .bind::<diesel::sql_types::Array<Text>, _>(known)
    .sql(")")
    .get_result(conn)
    .await?;
    Ok(found == wanted)
}

/// What may not serve requests: a role that row level security does not bind.
pub(super) async fn is_above_the_fence(conn: &mut AsyncPgConnection) -> Result<bool, StoreError> {
    Ok(diesel::dsl::sql::<Bool>(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user",
    )
    .get_result(conn)
    .await?)
}
