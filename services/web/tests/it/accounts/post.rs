//! What the dispatcher does for an account, and the letters that come of it.
use crate::harness::Site;
use batchtrack_core::{
    identity::{self, AccountDesk, AccountErrand, Passwords},
    mail::{AccountChange, Letter, Letters, Posted, Sealed},
    platform::seal::Keyring,
};
use secrecy::ExposeSecret as _;

impl Site {
    /// Does what was asked for by address, and takes the letters that wait, the oldest first.
    pub(crate) async fn letters(&self) -> Vec<Posted> {
        let desk = AccountDesk::new(
            &self.db.settings,
            Passwords::new(&self.db.settings.passwords),
        )
        .unwrap();
        for text in self.jobs("accounts.errand.v1").await {
            let errand: AccountErrand = serde_json::from_str(&text).unwrap();
            identity::run_errand(&self.db.system, &desk, errand, "test")
                .await
                .unwrap();
        }
        let letters = self.jobs("mail.send_now.v1").await;
        letters
            .iter()
            .map(|text| serde_json::from_str(text).unwrap())
            .collect()
    }

    /// The only letter that waits.
    pub(crate) async fn letter(&self) -> Posted {
        let mut letters = self.letters().await;
        assert_eq!(letters.len(), 1, "{letters:#?}");
        letters.remove(0)
    }

    async fn jobs(&self, kind: &str) -> Vec<String> {
        let jobs = self
            .texts(&format!(
                "SELECT args::text FROM jobs WHERE kind = '{kind}' ORDER BY id"
            ))
            .await;
        self.execute(&format!("DELETE FROM jobs WHERE kind = '{kind}'"))
            .await;
        jobs
    }

    fn open(&self, sealed: &Sealed) -> String {
        let keys = Keyring::new(self.db.settings.http.secret_key.as_ref()).unwrap();
        let secret = Letters::new(&keys).open(sealed).unwrap();
        secret.expose_secret().to_owned()
    }

    /// The page that the link of a letter leads to.
    pub(crate) fn link_of(&self, posted: &Posted) -> String {
        match &posted.letter {
            Letter::VerifyAddress { token, .. } => {
                format!("/auth/verify-email/{}", self.open(token))
            }
            Letter::ResetPassword { token, .. } => {
                format!("/auth/reset-password/{}", self.open(token))
            }
            Letter::ChangeAddress { token, .. } => {
                format!("/auth/change-email/{}", self.open(token))
            }
            other => panic!("no link in {other:?}"),
        }
    }

    /// The code of a letter.
    pub(crate) fn code(&self, posted: &Posted) -> String {
        match &posted.letter {
            Letter::OneTimeCode { code, .. } => self.open(code),
            other => panic!("no code in {other:?}"),
        }
    }
}

/// What a letter says was done.
pub(crate) fn change(posted: &Posted) -> &AccountChange {
    match &posted.letter {
        Letter::AccountChanged { what, .. } => what,
        other => panic!("nothing was changed by {other:?}"),
    }
}
