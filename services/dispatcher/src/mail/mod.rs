//! Letters: from what is to be said to what a mail server takes.
mod compose;
mod deliver;
mod mailer;
mod paper;
mod verdict;
mod words;
mod work;

use batchtrack_core::platform::Settings;
use std::collections::BTreeMap;

pub use self::{
    deliver::{Settled, Skipped, Trouble, deliver},
    mailer::{BadMail, Mailer},
};

/// Says at start-up, and on `/readyz` ever after, whether letters leave the house.
pub(crate) fn notes(settings: &Settings) -> BTreeMap<&'static str, &'static str> {
    if settings.mail.smtp_url.is_some() {
        return BTreeMap::new();
    }
    tracing::warn!("mail is off: MAIL_SMTP_URL is not set, so letters are noted as skipped");
    BTreeMap::from([("mail", "off: MAIL_SMTP_URL is not set")])
}
