//! The only file that knows both our faults and HTTP status codes.
mod answer;

pub(crate) use self::answer::whole_seconds;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use batchtrack_core::kernel::{Fault, Kind};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{borrow::Cow, time::Duration};

/// Where one chooses where to act.
pub(crate) const PLACES: &str = "/account/organizations";

/// What is wrong with one field of what was sent.
#[derive(Debug, Clone, Serialize)]
pub struct FieldError {
    pub field: Cow<'static, str>,
    pub detail: Cow<'static, str>,
}

/// A refusal or a failure, on its way to whoever asked. Any feature's error becomes one with `?`.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    status: Option<StatusCode>,
    code: Cow<'static, str>,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    more: Map<String, Value>,
    /// In seconds.
    retry_after: u64,
    /// A page where people can do something about it.
    goes_to: Option<&'static str>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    pub fn new(
        kind: Kind,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            kind,
            status: None,
            code: code.into(),
            detail: detail.into(),
            errors: Vec::new(),
            more: Map::new(),
            retry_after: 2,
            goes_to: None,
            cause: None,
        }
    }

    /// Understood, but against a rule: 422.
    pub fn invalid(
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Kind::Invalid, code, detail)
    }

    /// Not understood at all: 400.
    pub fn malformed(
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Kind::Invalid, code, detail).with_status(StatusCode::BAD_REQUEST)
    }

    pub fn not_found() -> Self {
        Self::new(
            Kind::NotFound,
            "not_found",
            "There is nothing at this address. It may have been removed, or the link is wrong.",
        )
    }

    /// Ours, with a cause for the log. Nothing of it is shown.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Kind::Internal, "internal", "").because(cause)
    }

    pub(crate) fn sign_in_first() -> Self {
        Self::new(
            Kind::Unauthenticated,
            "auth.required",
            "Sign in to continue.",
        )
    }

    /// What is wrong with `field`; may be called once per field.
    #[must_use]
    pub fn field(
        mut self,
        field: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.errors.push(FieldError {
            field: field.into(),
            detail: detail.into(),
        });
        self
    }

    /// More for programs to go by, beside the members that every problem has.
    #[must_use]
    pub(crate) fn with(mut self, member: &'static str, value: impl Into<Value>) -> Self {
        self.more.insert(member.to_owned(), value.into());
        self
    }

    /// For one that time mends: when to try again.
    #[must_use]
    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = whole_seconds(wait);
        self
    }

    /// The same with a thing called as the page calls it.
    #[must_use]
    pub(crate) fn calling(mut self, stored: &str, shown: &str) -> Self {
        if stored != shown {
            let words = self.errors.iter_mut().map(|error| &mut error.detail);
            for words in words.chain([&mut self.detail]) {
                *words = Cow::Owned(words.replace(stored, shown));
            }
        }
        self
    }

    /// Sends people to a page where they can do something about it; programs are told as usual.
    #[must_use]
    pub(crate) fn going_to(mut self, page: &'static str) -> Self {
        self.goes_to = Some(page);
        self
    }

    #[must_use]
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    #[must_use]
    pub(crate) fn because(
        mut self,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.cause = Some(cause.into());
        self
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn code(&self) -> &str {
        &self.code
    }

    /// Whether the person can mend it, so that a form should be shown again with these words.
    pub fn is_mendable(&self) -> bool {
        matches!(self.kind, Kind::Invalid | Kind::Conflict)
    }

    /// What to show beside `field` of a form; "" for a field that is all right.
    pub fn at(&self, field: &str) -> &str {
        self.errors
            .iter()
            .find(|error| error.field == field)
            .map_or("", |error| &error.detail)
    }

    /// What to show above a form: "" when every word of it stands beside a field already.
    pub fn above(&self, fields: &[&str]) -> String {
        let placed = |error: &FieldError| fields.contains(&&*error.field);
        if !self.errors.is_empty() && self.errors.iter().all(placed) {
            return String::new();
        }
        self.detail().into_owned()
    }

    /// The sentence for people. What broke on our side is for the log alone.
    pub fn detail(&self) -> Cow<'_, str> {
        match self.kind {
            Kind::Internal => Cow::Borrowed(
                "Something broke on our side, and nothing was changed. Try again; if it happens again, tell your administrator the request id.",
            ),
            Kind::Unavailable if self.detail.is_empty() => Cow::Borrowed(
                "BatchTrack can't reach a part of itself just now. Nothing was changed. Try again in a few seconds.",
            ),
            _ => Cow::Borrowed(&self.detail),
        }
    }

    /// All that is to be mended, in one line: for where no field can be marked.
    pub(crate) fn advice(&self) -> String {
        let detail = self.detail();
        let more = self
            .errors
            .iter()
            .filter(|error| !detail.contains(&*error.detail));
        let parts: Vec<String> = more
            .map(|error| format!("{}: {}", error.field, error.detail))
            .collect();
        match parts.as_slice() {
            [] => detail.into_owned(),
            parts => format!("{detail} {}", parts.join(" ")),
        }
    }
}

impl<E: Fault> From<E> for Problem {
    fn from(error: E) -> Self {
        let kind = error.kind();
        let detail = match kind {
            Kind::Internal => Cow::Borrowed(""),
            _ => error.detail(),
        };
        let mut problem = Self::new(kind, error.code(), detail.clone());
        if let Some(field) = error.field() {
            problem = problem.field(field, detail);
        }
        problem.because(error)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status.unwrap_or(match self.kind {
            Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Limited => StatusCode::TOO_MANY_REQUESTS,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        })
    }

    /// Without the request at hand; `middleware::problems` replaces it by [`Problem::answer`].
    fn error_response(&self) -> HttpResponse {
        self.as_json(None)
    }
}
