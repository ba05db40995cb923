//! Whether a password has been stolen somewhere, asked of a service that does not learn which it is:
//! it hears five digits of a hash and answers with all it knows that begin so (k-anonymity).
use crate::problem::Problem;
use batchtrack_core::kernel::Kind;
use sha1::{Digest as _, Sha1};
use std::time::Duration;
use url::Url;

/// Somebody waits for it.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// An answer has some eight hundred lines.
const MOST_BYTES: usize = 1_048_576;

#[derive(Debug, Clone)]
pub(crate) struct Breached(Option<Service>);

#[derive(Debug, Clone)]
struct Service {
    http: reqwest::Client,
    base: Url,
}

impl Breached {
    pub(crate) fn at(base: Option<&Url>) -> Result<Self, reqwest::Error> {
        let Some(base) = base else {
            return Ok(Self(None));
        };
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        let mut base = base.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Ok(Self(Some(Service { http, base })))
    }

    /// Refuses a new password that is known. A service that can't be reached knows nothing: nobody is
    /// kept from signing up by it.
    pub(crate) async fn refuse(&self, password: &str) -> Result<(), Problem> {
        let Some(service) = &self.0 else {
            return Ok(());
        };
        match service.knows(password).await {
            Ok(true) => {
                let detail =
                    "This password was found among those stolen from other sites. Choose another.";
                Err(
                    Problem::new(Kind::Invalid, "identity.password_breached", detail)
                        .field("password", detail),
                )
            }
            Ok(false) => Ok(()),
            Err(error) => {
                // Its address has a part of the hash.
                let error = error.without_url();
                tracing::warn!(%error, "the service for breached passwords does not answer");
                Ok(())
            }
        }
    }
}

impl Service {
    async fn knows(&self, password: &str) -> Result<bool, reqwest::Error> {
        let hash = hex::encode_upper(Sha1::digest(password.as_bytes()));
        let (asked, rest) = hash.split_at(5);
        let mut url = self.base.clone();
        url.set_path(&format!("{}{asked}", self.base.path()));
        // So that whoever counts the bytes of the answer learns nothing either.
        let request = self.http.get(url).header("Add-Padding", "true");
        let mut answer = request.send().await?.error_for_status()?;
        let mut text = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if text.len() + chunk.len() > MOST_BYTES {
                break;
            }
            text.extend_from_slice(&chunk);
        }
        Ok(is_among(&String::from_utf8_lossy(&text), rest))
    }
}

/// Lines are `rest of a hash:how often`; those that are there for padding have 0.
fn is_among(lines: &str, rest: &str) -> bool {
    lines.lines().any(|line| {
        line.trim().split_once(':').is_some_and(|(known, times)| {
            known.eq_ignore_ascii_case(rest) && times.trim().parse::<u64>().is_ok_and(|n| n > 0)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_counts_for_nothing() {
        let lines = "0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n011053FD0102E94D6AE2F8B83D76FAF94F6:0\r\nx\r\n";
        assert!(is_among(lines, "0018A45C4D1DEF81644B54AB7F969B88D65"));
        assert!(is_among(lines, "0018a45c4d1def81644b54ab7f969b88d65"));
        assert!(!is_among(lines, "011053FD0102E94D6AE2F8B83D76FAF94F6"));
        assert!(!is_among(lines, "") && !is_among("", "x"));
    }
}
