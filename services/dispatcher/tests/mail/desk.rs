//! What every story here begins with.
use batchtrack_core::{
    kernel::ids::{ItemId, JobId, UserId},
    mail::{self, Letter, LetterKind, Letters, LowItem, Mailbox, Posted, Sealed, Standing, To},
    platform::{Settings, seal::Keyring},
};
use batchtrack_dispatcher::mail::{Mailer, Settled, Trouble, deliver};
use batchtrack_testkit::TestDb;
use chrono::{DateTime, Duration, Utc};
use secrecy::SecretString;

pub(crate) const BASE: &str = "https://batchtrack.example.com";

pub(crate) fn keys(settings: &Settings) -> Keyring {
    Keyring::new(settings.http.secret_key.as_ref()).unwrap()
}

pub(crate) fn mailer(t: &TestDb, smtp_url: Option<String>) -> Mailer {
    let mut settings = t.settings.clone();
    settings.http.base_url = BASE.parse().unwrap();
    settings.mail.smtp_url = smtp_url.map(SecretString::from);
    settings.mail.timeout_seconds = 5.try_into().unwrap();
    Mailer::new(&settings, &keys(&settings)).unwrap()
}

pub(crate) fn sealed(t: &TestDb, secret: &str) -> Sealed {
    Letters::new(&keys(&t.settings)).seal(&SecretString::from(secret))
}

pub(crate) fn to(address: &str, user: Option<UserId>) -> To {
    To::new(&address.parse().unwrap(), "Ana Ångström 🧼", user)
}

pub(crate) fn low_stock() -> Letter {
    Letter::LowStock {
        organization: "Ana's Soaps".to_owned(),
        items: vec![LowItem {
            item: ItemId::new(4),
            name: "Olive <Oil>".to_owned(),
            on_hand: "250 gram".to_owned(),
            threshold: "1000 gram".to_owned(),
        }],
        more: 3,
    }
}

pub(crate) async fn send(
    t: &TestDb,
    mailer: &Mailer,
    job: i64,
    to: To,
    letter: Letter,
) -> Result<Settled, Trouble> {
    let posted = Posted {
        to,
        organization: None,
        letter,
    };
    deliver(&t.system, mailer, JobId::new(job), &posted).await
}

pub(crate) async fn standing(t: &TestDb, job: i64, to: &To, kind: LetterKind) -> Standing {
    let mut tx = t.system.begin().await.unwrap();
    let mailbox = Mailbox {
        job: JobId::new(job),
        kind,
        organization: None,
        to,
    };
    mail::standing(&mut tx, mailbox).await.unwrap()
}

pub(crate) fn in_an_hour(t: &TestDb) -> DateTime<Utc> {
    t.clock.now() + Duration::hours(1)
}
