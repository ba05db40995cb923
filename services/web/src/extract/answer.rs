use super::Meta;
use crate::{app::App, middleware::flash, page::Flash};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use batchtrack_core::platform::idempotency;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::Value;

/// What a write answers; kept beside its effect, so that a retry gets the same.
#[derive(Debug, Clone)]
pub struct Answer {
    status: StatusCode,
    location: Option<String>,
    body: Option<Value>,
    flash: Option<Flash>,
    /// Members of the body that are shown this once and kept nowhere.
    once: Vec<(&'static str, SecretString)>,
}

impl Answer {
    pub fn ok(body: impl Serialize) -> Self {
        Self::with(StatusCode::OK, None, Some(to_value(body)))
    }

    /// 201, and where the new thing is.
    pub fn created(location: impl Into<String>, body: impl Serialize) -> Self {
        Self::with(
            StatusCode::CREATED,
            Some(location.into()),
            Some(to_value(body)),
        )
    }

    pub fn no_content() -> Self {
        Self::with(StatusCode::NO_CONTENT, None, None)
    }

    /// 303: what a form answers when it was carried out.
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::with(StatusCode::SEE_OTHER, Some(location.into()), None)
    }

    /// A message for the page that is shown next.
    #[must_use]
    pub fn flash(mut self, flash: Flash) -> Self {
        self.flash = Some(flash);
        self
    }

    /// Fills `member` of the body in for whoever asked; a retry that is answered from what was kept
    /// finds it as it was.
    #[must_use]
    pub fn once(mut self, member: &'static str, secret: SecretString) -> Self {
        self.once.push((member, secret));
        self
    }

    fn with(status: StatusCode, location: Option<String>, body: Option<Value>) -> Self {
        Self {
            status,
            location,
            body,
            flash: None,
            once: Vec::new(),
        }
    }

    pub(super) fn to_keep(&self) -> idempotency::Answer {
        idempotency::Answer {
            status: i16::try_from(self.status.as_u16()).unwrap_or(200),
            location: self.location.clone(),
            // A redirect has no body, so its place holds the message.
            body: match &self.flash {
                Some(flash) if self.body.is_none() => Some(to_value(flash)),
                _ => self.body.clone(),
            },
        }
    }

    pub(super) fn from_kept(kept: idempotency::Answer) -> Self {
        let status = u16::try_from(kept.status)
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok())
            .unwrap_or(StatusCode::OK);
        let mut answer = Self::with(status, kept.location, kept.body);
        if status == StatusCode::SEE_OTHER {
            answer.flash = answer
                .body
                .take()
                .and_then(|flash| serde_json::from_value(flash).ok());
        }
        answer
    }

    pub(super) fn into_response(self, app: &App, meta: &Meta, replayed: bool) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        if let Some(cookie) = self.flash.and_then(|one| flash::cookie(&one, app, meta)) {
            response.cookie(cookie);
        }
        let mut body = self.body;
        if let Some(Value::Object(members)) = &mut body {
            for (member, secret) in self.once {
                members.insert(member.to_owned(), secret.expose_secret().into());
            }
        }
        match body {
            Some(body) => response.json(body),
            None => response.finish(),
        }
    }
}

/// Our own answers are plain data: maps have text keys and numbers are finite.
fn to_value(body: impl Serialize) -> Value {
    serde_json::to_value(body).expect("an answer is plain data")
}
