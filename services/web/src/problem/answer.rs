//! How a refusal is told: to programs as JSON, to people as a page.
use super::{FieldError, PLACES, Problem};
use crate::{
    extract::{Audience, Meta},
    page::{Shell, ShellUser},
};
use actix_web::{HttpResponse, ResponseError as _, http::header};
use batchtrack_core::kernel::Kind;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{borrow::Cow, time::Duration};

impl Problem {
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
    pub(super) fn as_json(&self, request_id: Option<&str>) -> HttpResponse {
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
