//! Makes a database ready for the services: its roles, the database itself, its tables.
use super::secrets::Secrets;
use anyhow::{Context as _, bail};
use batchtrack_core::{
    catalog,
    platform::migrate::{self, Existing, RolePasswords},
};
use url::Url;

const DATABASE: &str = "batchtrack";

/// How each role reaches the database.
pub(crate) struct DatabaseUrls {
    pub(crate) app: String,
    pub(crate) system: String,
    pub(crate) owner: String,
}

/// Creates what is missing, as the administrator whose address this is.
pub(crate) async fn prepare(
    admin_url: &str,
    secrets: &Secrets,
    existing: Existing,
) -> anyhow::Result<DatabaseUrls> {
    let admin = parse(admin_url)?;
    let passwords = RolePasswords {
        owner: secrets.owner.clone(),
        app: secrets.app.clone(),
        system: secrets.system.clone(),
    };
    migrate::ensure_roles(admin_url, &passwords, existing)
        .await
        .context("creating the database roles")?;
    // The administrator's own database is where one signs in, not where we move in.
    let database = match admin.path().trim_start_matches('/') {
        "" | "postgres" => DATABASE,
        named => named,
    };
    migrate::ensure_database(admin_url, database)
        .await
        .with_context(|| format!("creating the database {database}"))?;
    let url = |role: &str, password: &str| -> anyhow::Result<String> {
        let mut url = admin.clone();
        let changed = url
            .set_username(role)
            .and_then(|()| url.set_password(Some(password)));
        if changed.is_err() {
            bail!("DATABASE_URL names no server");
        }
        url.set_path(database);
        Ok(url.into())
    };
    Ok(DatabaseUrls {
        app: url(migrate::APP, &secrets.app)?,
        system: url(migrate::SYSTEM, &secrets.system)?,
        owner: url(migrate::OWNER, &secrets.owner)?,
    })
}

/// Brings the tables and the shared library up to date. Answers how many migrations that took.
pub(crate) async fn migrate(urls: &DatabaseUrls) -> anyhow::Result<usize> {
    let done = migrate::run(&urls.owner)
        .await
        .context("applying the migrations")?;
    catalog::fill(&urls.owner)
        .await
        .context("filling the shared library")?;
    Ok(done.len())
}

fn parse(url: &str) -> anyhow::Result<Url> {
    let parsed = Url::parse(url).context("DATABASE_URL is not an address")?;
    if !matches!(parsed.scheme(), "postgres" | "postgresql") {
        bail!("DATABASE_URL must begin with postgres:// or postgresql://");
    }
    Ok(parsed)
}
