use super::Settings;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    pub email_verification: AddressProof,
    pub breached_passwords_url: Option<url::Url>,
}

/// Whether people must prove that the address they give is theirs, before they are let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AddressProof {
    Off,
    Required,
}

impl AddressProof {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Required => "required",
        }
    }
}

impl Settings {
    /// Whether letters leave the house.
    pub const fn sends_mail(&self) -> bool {
        self.mail.smtp_url.is_some()
    }

    /// Whether an address is to be proved: nobody can be asked to where no letter reaches them.
    pub fn asks_for_proof(&self) -> bool {
        self.accounts.email_verification == AddressProof::Required && self.sends_mail()
    }
}
