use super::{Fields, Meta};
use crate::problem::Problem;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use sha2::{Digest as _, Sha256};
use std::future::{Ready, ready};

/// What makes a write happen once: the caller's key, and a fingerprint of the request under it.
#[derive(Debug, Clone)]
pub struct Idempotency {
    pub(super) key: Option<String>,
    pub(super) fingerprint: [u8; 32],
}

const LONGEST: usize = 255;

impl Idempotency {
    /// From the header alone; `body` is what the request says besides its address.
    pub(super) fn of_bytes(req: &HttpRequest, body: &[u8]) -> Result<Self, Problem> {
        let mut hash = start(req);
        hash.update(body);
        Self::with(req, None, hash)
    }

    /// From the header, or from the hidden field of the form. Tokens do not count: the same form
    /// sent again after signing in anew is the same form.
    pub(super) fn of_fields(req: &HttpRequest, fields: &Fields) -> Result<Self, Problem> {
        let mut hash = start(req);
        for (name, value) in fields.iter().filter(|(name, _)| !is_token(name)) {
            put(&mut hash, name.as_bytes());
            put(&mut hash, value.as_bytes());
        }
        for file in fields.files() {
            put(&mut hash, file.field.as_bytes());
            put(&mut hash, file.name.as_bytes());
            put(&mut hash, &file.content);
        }
        Self::with(req, fields.get("idempotency_key"), hash)
    }

    fn with(req: &HttpRequest, field: Option<&str>, hash: Sha256) -> Result<Self, Problem> {
        let header = req.headers().get("Idempotency-Key");
        let header = header
            .map(|value| value.to_str().map_err(|_binary| bad_key()))
            .transpose()?
            // A structured-field string comes quoted; most clients send it bare.
            .map(|text| text.trim().trim_matches('"'));
        let key = header.or(field).filter(|key| !key.is_empty());
        if key.is_some_and(|key| key.len() > LONGEST || key.chars().any(char::is_control)) {
            return Err(bad_key());
        }
        // What is told at sign-in is kept nowhere, so it can't be told again.
        let required = req.path().starts_with("/api/v1/")
            && !req.path().starts_with("/api/v1/auth/")
            && !req.method().is_safe();
        if required && key.is_none() {
            return Err(Problem::malformed(
                "idempotency.key_required",
                "Send an Idempotency-Key header: a text of your own for this one action, such as a UUID. Sent again with the same key, the action is not done twice.",
            ));
        }
        Ok(Self {
            key: key.map(str::to_owned),
            fingerprint: hash.finalize().into(),
        })
    }

    pub(super) fn reused() -> Problem {
        Problem::invalid(
            "idempotency.reused",
            "This Idempotency-Key was used for another request. Use a new key for a new action.",
        )
    }
}

fn bad_key() -> Problem {
    Problem::malformed(
        "idempotency.bad_key",
        "An Idempotency-Key is a text of 1 to 255 printable characters.",
    )
}

fn is_token(name: &str) -> bool {
    matches!(name, "csrf_token" | "idempotency_key")
}

fn start(req: &HttpRequest) -> Sha256 {
    let mut hash = Sha256::new();
    put(&mut hash, req.method().as_str().as_bytes());
    put(&mut hash, Meta::of(req).path.as_bytes());
    hash
}

/// With its length before it, so that no two lists of parts look alike.
fn put(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_be_bytes());
    hash.update(part);
}

/// For writes without a body.
impl FromRequest for Idempotency {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of_bytes(req, &[]))
    }
}
