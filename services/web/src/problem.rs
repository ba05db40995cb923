//! The only file that knows both our faults and HTTP status codes.
use crate::{
    extract::{Audience, Meta},
    page::{Shell, ShellUser},
};
use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
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

    const fn title(&self) -> &'static str {
        match self.kind {
            Kind::Invalid => "That can't be done like this",
            Kind::Unauthenticated => "Sign in first",
            Kind::Forbidden => "Not allowed",
            Kind::NotFound => "Not found",
            Kind::Conflict => "Not as things stand",
            Kind::TooLarge => "Too large",
            Kind::Limited => "Slow down a little",
            Kind::Unavailable => "Back in a moment",
            Kind::Internal => "Something broke on our side",
        }
    }

    /// What is said to a program, or to a script on a page.
    fn as_json(&self, request_id: Option<&str>) -> HttpResponse {
        let status = self.status_code();
        let body = Body {
            type_: format!("/problems/{}", self.code),
            title: self.title(),
            status: status.as_u16(),
            code: &self.code,
            detail: &self.detail(),
            field: self.errors.first().map(|error| &*error.field),
            request_id,
            errors: &self.errors,
            more: &self.more,
        };
        self.start()
            .content_type("application/problem+json")
            .body(serde_json::to_string(&body).unwrap_or_default())
    }

    fn start(&self) -> actix_web::HttpResponseBuilder {
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        if self.kind == Kind::Unauthenticated {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if matches!(self.kind, Kind::Limited | Kind::Unavailable) {
            response.insert_header((header::RETRY_AFTER, self.retry_after));
        }
        response
    }

    /// The answer in the form that this caller reads, and the one place where failures are logged.
    pub(crate) fn answer(&self, meta: &Meta) -> HttpResponse {
        if self.status_code().is_server_error() {
            tracing::error!(
                problem.code = &*self.code,
                error = self.cause.as_ref().map(|cause| chain(&**cause)),
                "request failed"
            );
        }
        match meta.audience {
            Audience::Program => self.as_json(Some(&meta.id)),
            Audience::Person if self.kind == Kind::Unauthenticated => HttpResponse::SeeOther()
                .insert_header((header::LOCATION, meta.sign_in_url()))
                .finish(),
            Audience::Person => match self.goes_to {
                Some(page) if meta.path != page => HttpResponse::SeeOther()
                    .insert_header((header::LOCATION, page))
                    .finish(),
                _ => self.as_page(meta),
            },
        }
    }

    /// Makes a page that says it in its own way answer as the problem would.
    pub(crate) fn set_head(&self, response: &mut HttpResponse) {
        *response.status_mut() = self.status_code();
        if self.kind == Kind::Limited {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, self.retry_after.into());
        }
    }

    fn as_page(&self, meta: &Meta) -> HttpResponse {
        let page = ProblemPage {
            shell: Shell {
                nonce: meta.nonce.clone(),
                path: meta.path.clone(),
                user: meta.caller().map(|_| ShellUser::unnamed()),
                ..Shell::default()
            },
            status: self.status_code().as_u16(),
            title: self.title(),
            detail: self.detail(),
            errors: &self.errors,
            request_id: &meta.id,
            back: if self.code.starts_with("organizations.") {
                (PLACES, "Your organisations")
            } else {
                ("/user_dashboard", "Back to the dashboard")
            },
            icon: if self.status_code().is_server_error() {
                "cloud-off"
            } else {
                "alert-triangle"
            },
        };
        match askama::Template::render(&page) {
            Ok(html) => self
                .start()
                .content_type(header::ContentType::html())
                .body(html),
            Err(error) => {
                tracing::error!(%error, "the problem page could not be rendered");
                self.as_json(Some(&meta.id))
            }
        }
    }
}

#[derive(askama::Template)]
#[template(path = "problem/problem.html")]
struct ProblemPage<'a> {
    shell: Shell,
    status: u16,
    title: &'static str,
    detail: Cow<'a, str>,
    errors: &'a [FieldError],
    request_id: &'a str,
    /// For somebody signed in.
    back: (&'static str, &'static str),
    icon: &'static str,
}

/// RFC 9457. `code` is the stable part; `detail` is for people.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    type_: String,
    title: &'static str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(flatten)]
    more: &'a Map<String, Value>,
}

/// Rounded up: whoever comes too early is refused again.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// An error and everything behind it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        next = cause.source();
    }
    line
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
