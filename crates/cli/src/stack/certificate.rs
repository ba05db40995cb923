//! The stack's own certificate. Browsers ask about it once; it protects nothing but the habit of https.
use super::{
    home::{self, Home},
    keyfile,
};
use anyhow::Context as _;
use rcgen::{CertificateParams, DnType, KeyPair};
use std::{
    fs,
    path::PathBuf,
    time::{Duration, SystemTime},
};

const DAY: Duration = Duration::from_hours(24);
/// The most that systems accept of a certificate that a person chose to trust is 825.
const LIFE: Duration = DAY.saturating_mul(820);
const RENEW: Duration = DAY.saturating_mul(760);

pub(crate) struct Certificate {
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
}

/// The certificate for these names; made anew only when they change or it grows old.
pub(crate) fn ensure(home: &Home, names: &[String]) -> anyhow::Result<Certificate> {
    let folder = home.root().join("tls");
    home::make_folder(&folder, 0o700)?;
    let certificate = Certificate {
        chain: folder.join("certificate.pem"),
        key: folder.join("key.pem"),
    };
    let note = folder.join("names");
    let wanted = names.join("\n");
    let fresh = |path: &PathBuf| {
        let age = path.metadata().ok()?.modified().ok()?.elapsed().ok()?;
        (age < RENEW).then_some(())
    };
    let same = fs::read_to_string(&note).is_ok_and(|noted| noted == wanted);
    if same && fresh(&certificate.chain).is_some() && certificate.key.is_file() {
        return Ok(certificate);
    }
    let key = KeyPair::generate().context("making a key")?;
    let mut parameters = CertificateParams::new(names).context("naming the certificate")?;
    parameters
        .distinguished_name
        .push(DnType::CommonName, "BatchTrack on this machine");
    let now = SystemTime::now();
    parameters.not_before = (now - DAY).into();
    parameters.not_after = (now + LIFE).into();
    let signed = parameters
        .self_signed(&key)
        .context("signing the certificate")?;
    keyfile::write_private(&certificate.key, &key.serialize_pem())?;
    keyfile::write_private(&certificate.chain, &signed.pem())?;
    keyfile::write_private(&note, &wanted)?;
    Ok(certificate)
}
