//! How one connection to PostgreSQL is made.
use super::statements::Counting;
use diesel::ConnectionError;
use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use tokio_postgres::config::SslMode;

/// One connection, with TLS where the address says `sslmode=require`.
pub(crate) async fn establish(url: &str) -> Result<AsyncPgConnection, ConnectionError> {
    let failed = |error: tokio_postgres::Error| {
        // `Display` leaves out the cause, which is the part that helps.
        let cause =
            std::error::Error::source(&error).map_or_else(String::new, |c| format!(": {c}"));
        ConnectionError::BadConnection(format!("{error}{cause}"))
    };
    let config: tokio_postgres::Config = url.parse().map_err(failed)?;
    let mut conn = if config.get_ssl_mode() == SslMode::Require {
        let tls = tokio_postgres_rustls::MakeRustlsConnect::new(tls_config());
        let (client, connection) = config.connect(tls).await.map_err(failed)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await?
    } else {
        let (client, connection) = config
            .connect(tokio_postgres::NoTls)
            .await
            .map_err(failed)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await?
    };
    conn.set_instrumentation(Counting);
    Ok(conn)
}

fn tls_config() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth()
}
