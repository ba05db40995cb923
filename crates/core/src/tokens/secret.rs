//! `bt_pat_42_…`: of which sort it is, whose organisation's, and 256 random bits. The organisation
//! stands in it so that it is looked for behind that one's fence, and nowhere else.
use crate::kernel::{ids::OrganizationId, words::words};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

words! {
    pub enum Sort {
        /// Acts as the person who made it.
        Personal = "pat",
        /// Acts as the organisation itself, whoever comes and goes.
        Organization = "org",
    }
}

/// Letters of the random part by which a token's owner knows it again.
const SHOWN: usize = 6;
const LONGEST: usize = 100;

/// A token that somebody shows; whether it is a good one is for the database to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented {
    pub sort: Sort,
    pub organization: OrganizationId,
    pub(super) hash: [u8; 32],
}

impl Presented {
    /// None for a text that can't be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '_');
        let is_ours = parts.next() == Some("bt") && text.len() <= LONGEST;
        let sort = parts.next()?.parse().ok()?;
        let organization = parts.next()?.parse().ok()?;
        let random = parts.next()?;
        (is_ours && random.len() == 43).then(|| Self {
            sort,
            organization,
            hash: Sha256::digest(text).into(),
        })
    }

    /// Tells tokens apart without giving any away, for what counts requests.
    pub fn fingerprint(&self) -> String {
        hex::encode(self.hash.get(..12).unwrap_or_default())
    }
}

pub(super) struct Fresh {
    pub(super) secret: SecretString,
    pub(super) prefix: String,
    pub(super) hash: [u8; 32],
}

/// # Panics
/// When the system has no random numbers to give.
pub(super) fn generate(sort: Sort, organization: OrganizationId) -> Fresh {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).expect("the system gives random numbers");
    let random = URL_SAFE_NO_PAD.encode(random);
    let start = format!("bt_{sort}_{organization}_");
    let secret = format!("{start}{random}");
    Fresh {
        prefix: format!("{start}{}", random.get(..SHOWN).unwrap_or_default()),
        hash: Sha256::digest(&secret).into(),
        secret: secret.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_token_says_where_to_look_for_it_and_no_two_are_alike() {
        let fresh = generate(Sort::Personal, OrganizationId::new(42));
        let text = fresh.secret.expose_secret();
        let shown = Presented::parse(text).unwrap();
        assert_eq!((shown.sort, shown.organization.get()), (Sort::Personal, 42));
        assert_eq!(shown.hash, fresh.hash);
        assert!(text.starts_with(&fresh.prefix) && fresh.prefix.starts_with("bt_pat_42_"));
        assert_eq!(text.len() - fresh.prefix.len(), 43 - SHOWN);
        let other = generate(Sort::Personal, OrganizationId::new(42));
        assert_ne!(other.hash, fresh.hash);
    }

    #[test]
    fn what_cant_be_ours_is_not_looked_for() {
        let random = "x".repeat(43);
        assert!(Presented::parse(&format!("bt_org_7_{random}")).is_some());
        for bad in [
            "",
            "bt_pat_7_short",
            &format!("bt_pat_x_{random}"),
            &format!("bt_ref_7_{random}"),
            &format!("xx_pat_7_{random}"),
            &format!("bt_pat_7_{random}x"),
            &format!("bt_pat_{}_{random}", "9".repeat(60)),
        ] {
            assert!(Presented::parse(bad).is_none(), "{bad}");
        }
    }
}
