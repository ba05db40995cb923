//! What is posted.
use super::TOKENS;
use batchtrack_core::{
    kernel::{Clock, ids::UserId, text::Email},
    mail::{self, Letter, Letters, To},
    platform::{SystemDb, config, seal::Keyring},
};
use batchtrack_e2e::chaos::{Role, SECRET_KEY, Servers};
use secrecy::SecretString;

/// One of each kind that carries a token, and one that can be unsubscribed from.
pub(crate) async fn write_letters(servers: &Servers, from: i64) {
    let environment = [
        ("DATABASE_URL", servers.direct_url(Role::App, "batchtrack")),
        (
            "DATABASE_SYSTEM_URL",
            servers.direct_url(Role::System, "batchtrack"),
        ),
        ("REDIS_URL", servers.redis_url()),
    ];
    let environment = environment
        .map(|(name, value)| (name.to_owned(), value))
        .into();
    let mut settings = config::from_environment(&environment).expect("settings");
    settings.database.checkout_timeout_ms = 60_000;
    let db = SystemDb::connect(&settings.database, Clock::System)
        .await
        .expect("a pool");
    let key = SecretString::from(SECRET_KEY);
    let letters = Letters::new(&Keyring::new(Some(&key)).expect("a key"));
    let seal = |token: &str| letters.seal(&SecretString::from(token));
    let expires_at = Clock::System.now() + chrono::TimeDelta::hours(1);
    let all = [
        Letter::VerifyAddress {
            token: seal(TOKENS[0]),
            expires_at,
        },
        Letter::ResetPassword {
            token: seal(TOKENS[1]),
            expires_at,
        },
        Letter::OneTimeCode {
            code: seal(TOKENS[2]),
            expires_at,
            after_password: true,
        },
        Letter::Invitation {
            organization: "Acme".to_owned(),
            invited_by: "Ada".to_owned(),
            token: seal(TOKENS[3]),
            expires_at,
        },
        Letter::PaymentFailed {
            organization: "Acme".to_owned(),
            amount: "29.00 USD".to_owned(),
            next_attempt_on: None,
        },
    ];
    let ada: Email = "ada@example.com".parse().expect("an address");
    let user = servers
        .ask("SELECT id FROM users WHERE email = 'ada@example.com'")
        .await;
    let user = user[0]["id"].as_i64().map(UserId::new);
    let mut tx = db.begin().await.expect("a unit of work");
    for (number, letter) in (from..).zip(all) {
        let correlation = format!("letter-{number}");
        mail::send_for_system(
            &mut tx,
            &correlation,
            None,
            To::new(&ada, "Ada", user),
            letter,
        )
        .await
        .expect("it is posted");
    }
    tx.commit().await.expect("it is kept");
}
