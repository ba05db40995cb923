//! Everything by which somebody shows who they are.
mod addresses;
mod authenticator;
mod codes;
mod leaving;
mod neutral;
mod passkeys;
mod passwords;
mod post;
mod resets;
mod signing_up;
mod two_step;

use crate::harness::{Browser, Site};
use batchtrack_core::platform::config::AddressProof;
use reqwest::StatusCode;
use secrecy::SecretString;

impl Site {
    /// A site that sends letters, and lets nobody in before their address is proved.
    pub(crate) async fn careful() -> Self {
        Self::with(|settings| {
            settings.mail.smtp_url = Some(SecretString::from("smtp://127.0.0.1:1"));
            settings.accounts.email_verification = AddressProof::Required;
        })
        .await
    }

    /// A site that sends letters, and asks for no proof.
    pub(crate) async fn trusting() -> Self {
        Self::with(|settings| {
            settings.mail.smtp_url = Some(SecretString::from("smtp://127.0.0.1:1"));
            settings.accounts.email_verification = AddressProof::Off;
        })
        .await
    }

    fn wait(&self, seconds: i64) {
        self.db.clock.advance(chrono::Duration::seconds(seconds));
    }
}

impl Browser {
    async fn is_inside(&self) -> bool {
        self.get("/test/whoami").await.status() == StatusCode::OK
    }
}
