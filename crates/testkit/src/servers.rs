//! Where the servers are.
use crate::Role;
use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use url::Url;

fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set; `make test` starts the servers and sets it"))
}

pub(crate) fn admin_url() -> String {
    variable("TEST_DATABASE_URL")
}

pub(crate) fn redis_url() -> String {
    variable("TEST_REDIS_URL")
}

/// The address of `database` for `role`.
pub(crate) fn url(role: Role, database: &str) -> String {
    let mut url = Url::parse(&admin_url()).expect("TEST_DATABASE_URL is an address");
    url.set_path(database);
    if let Some((name, password)) = role.login() {
        url.set_username(name).expect("an address with a host");
        url.set_password(Some(password))
            .expect("an address with a host");
    }
    url.into()
}

pub(crate) async fn admin() -> AsyncPgConnection {
    AsyncPgConnection::establish(&admin_url())
        .await
        .expect("TEST_DATABASE_URL is reachable")
}
