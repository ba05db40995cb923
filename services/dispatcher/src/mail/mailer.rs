//! Where letters leave the house, and what they are signed and opened with.
use batchtrack_core::{
    mail::{Letters, UnsubscribeLinks},
    platform::{
        Settings,
        seal::{Keyring, Signer},
    },
};
use lettre::{AsyncSmtpTransport, Tokio1Executor, message::Mailbox, transport::smtp::PoolConfig};
use secrecy::ExposeSecret as _;
use std::{sync::Arc, time::Duration};
use url::Url;

/// What is needed to write and send letters; cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    /// `None` while mail is off.
    transport: Option<AsyncSmtpTransport<Tokio1Executor>>,
    from: Mailbox,
    base_url: Url,
    letters: Letters,
    links: UnsubscribeLinks,
    signer: Signer,
}

/// Why mail can't be set up as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum BadMail {
    #[error(
        "MAIL_SMTP_URL is not an address such as smtp://user:password@mail.example.com:587?tls=required"
    )]
    Url,
    #[error("MAIL_FROM is not a sender such as BatchTrack <batchtrack@example.com>")]
    From,
}

/// Most servers allow few connections from one place.
const CONNECTIONS: u32 = 4;
/// Before the server hangs up by itself.
const IDLE: Duration = Duration::from_secs(30);

impl Mailer {
    /// Connections are made as they are needed.
    pub fn new(settings: &Settings, keys: &Keyring) -> Result<Self, BadMail> {
        let mail = &settings.mail;
        let timeout = Duration::from_secs(u64::from(mail.timeout_seconds.get()));
        let transport = match &mail.smtp_url {
            Some(url) => Some(transport(url.expose_secret(), timeout)?),
            None => None,
        };
        Ok(Self(Arc::new(Inner {
            transport,
            from: mail.from.parse().map_err(|_unlike| BadMail::From)?,
            base_url: settings.http.base_url.clone(),
            letters: Letters::new(keys),
            links: UnsubscribeLinks::new(keys),
            signer: keys.signer("mail.message-id.v1"),
        })))
    }

    /// Whether there is a server to send to.
    pub fn is_on(&self) -> bool {
        self.0.transport.is_some()
    }

    pub(super) fn transport(&self) -> Option<&AsyncSmtpTransport<Tokio1Executor>> {
        self.0.transport.as_ref()
    }
    pub(super) fn from(&self) -> &Mailbox {
        &self.0.from
    }
    pub(super) fn letters(&self) -> &Letters {
        &self.0.letters
    }
    pub(super) fn links(&self) -> &UnsubscribeLinks {
        &self.0.links
    }
    pub(super) fn signer(&self) -> &Signer {
        &self.0.signer
    }

    /// The public address of a page: `path` begins with a slash.
    pub(super) fn page(&self, path: &str) -> String {
        let base = self.0.base_url.as_str().trim_end_matches('/');
        format!("{base}{path}")
    }

    /// The name under which people know this installation.
    pub(super) fn host(&self) -> &str {
        self.0.base_url.host_str().unwrap_or("BatchTrack")
    }
}

fn transport(url: &str, timeout: Duration) -> Result<AsyncSmtpTransport<Tokio1Executor>, BadMail> {
    // The library's own words could hold the password.
    let builder =
        AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_secret| BadMail::Url)?;
    let pool = PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE);
    Ok(builder.timeout(Some(timeout)).pool_config(pool).build())
}
