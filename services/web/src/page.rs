//! HTML answers, and what every page knows besides its own content.
use crate::{
    extract::{Known, Meta, Unit},
    problem::Problem,
    session::Visit,
};
use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{StatusCode, header},
};
use batchtrack_core::tiers::{Permission, Permissions};
use serde::{Deserialize, Serialize};

/// The frame of a page, filled in per request. Templates reach it as `shell`.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    pub csrf: String,
    /// Of the content security policy; nothing inline may run without it.
    pub nonce: String,
    pub path: String,
    pub user: Option<ShellUser>,
    pub flash: Vec<Flash>,
    /// One per rendered form page, so that a double submit is one action.
    pub idempotency_key: String,
    /// The organisation that an operator acts as; "" where the page doesn't know its name.
    pub stay: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct ShellUser {
    pub name: String,
    pub organization: String,
    pub initials: String,
    /// Whether to show the way to the queues.
    pub is_operator: bool,
    /// What they may do where they are; decides which ways are shown.
    pub may: Permissions,
}

impl ShellUser {
    fn of(unit: &Unit) -> Self {
        let member = &unit.membership;
        Self {
            name: member.display_name(),
            organization: member.organization_name.clone(),
            initials: member.initials(),
            is_operator: member.is_operator,
            may: unit.grants.effective(),
        }
    }

    fn of_person(known: &Known) -> Self {
        let place = known.here.as_ref();
        Self {
            name: known.account.display_name(),
            organization: place.map(|place| place.name.clone()).unwrap_or_default(),
            initials: known.account.initials(),
            is_operator: known.account.is_operator,
            may: if place.is_some() {
                Permissions::ALL
            } else {
                Permissions::NONE
            },
        }
    }

    /// Somebody signed in on a page that has no reason to ask the database for their name.
    pub(crate) fn unnamed() -> Self {
        Self {
            may: Permissions::ALL,
            ..Self::default()
        }
    }
}

impl Shell {
    /// For someone signed in.
    pub(crate) fn for_member(meta: &Meta, visit: &Visit, unit: &Unit) -> Self {
        Self {
            csrf: visit.csrf().unwrap_or_default(),
            user: Some(ShellUser::of(unit)),
            stay: unit
                .is_stay()
                .then(|| unit.membership.organization_name.clone()),
            ..Self::bare(meta)
        }
    }

    /// For somebody signed in, on a page about themselves.
    pub(crate) fn for_person(meta: &Meta, visit: &Visit, known: &Known) -> Self {
        Self {
            csrf: visit.csrf().unwrap_or_default(),
            user: Some(ShellUser::of_person(known)),
            stay: known
                .stay
                .as_ref()
                .map(|stay| stay.organization_name.clone()),
            ..Self::bare(meta)
        }
    }

    /// For a page that anyone may see. `csrf` is for pages with a form.
    pub(crate) fn for_anyone(meta: &Meta, csrf: String) -> Self {
        Self {
            csrf,
            user: meta.caller().map(|_| ShellUser::unnamed()),
            ..Self::bare(meta)
        }
    }

    /// Whether whoever reads it runs the installation.
    pub(crate) fn is_operator(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.is_operator)
    }

    /// Whether to show the way to something. A page that doesn't know shows it: what is there refuses.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.user
            .as_ref()
            .is_some_and(|user| user.may.contains(permission))
    }

    /// Where the navigation says that one is, for a page that an address of another room shows.
    #[must_use]
    pub(crate) fn under(self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..self
        }
    }

    fn bare(meta: &Meta) -> Self {
        meta.flash_shown.set(true);
        let path = meta.path.split('?').next().unwrap_or_default();
        Self {
            csrf: String::new(),
            nonce: meta.nonce.clone(),
            path: path.to_owned(),
            user: None,
            flash: meta.flash.take(),
            idempotency_key: uuid::Uuid::new_v4().to_string(),
            stay: meta.stay.get().map(|_| String::new()),
        }
    }
}

/// A message that survives one redirect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flash {
    /// `success`, `danger`, `warning` or `info`.
    pub tone: &'static str,
    pub text: String,
    /// Where to POST to take the action back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
}

/// A message as it comes back from a cookie or from beside its effect.
#[derive(Deserialize)]
struct Kept {
    tone: String,
    text: String,
    undo: Option<String>,
}

impl<'de> Deserialize<'de> for Flash {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let kept = Kept::deserialize(from)?;
        let known = ["success", "danger", "warning", "info"];
        let tone = known.into_iter().find(|tone| *tone == kept.tone);
        Ok(Self {
            tone: tone.unwrap_or("info"),
            text: kept.text,
            undo: kept.undo,
        })
    }
}

impl Flash {
    pub fn success(text: impl Into<String>) -> Self {
        Self::new("success", text)
    }

    pub fn warning(text: impl Into<String>) -> Self {
        Self::new("warning", text)
    }

    pub fn danger(text: impl Into<String>) -> Self {
        Self::new("danger", text)
    }

    fn new(tone: &'static str, text: impl Into<String>) -> Self {
        Self {
            tone,
            text: text.into(),
            undo: None,
        }
    }

    /// Offers to take the action back with a POST to `path`.
    #[must_use]
    pub fn with_undo(mut self, path: impl Into<String>) -> Self {
        self.undo = Some(path.into());
        self
    }
}

/// A rendered template.
pub struct Page<T>(pub T);

impl<T: askama::Template> Page<T> {
    /// The page as an answer; a template that fails becomes a problem like any other.
    pub fn into_response(self) -> Result<HttpResponse, Problem> {
        self.with_status(StatusCode::OK)
    }

    /// The page with its forms; 422 when one of them was refused, so that nobody takes it for done.
    pub fn with_forms(self, refused: bool) -> Result<HttpResponse, Problem> {
        self.with_status(if refused {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        })
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Result<HttpResponse, Problem> {
        let html = self
            .0
            .render()
            .map_err(|error| Problem::internal(error.to_string()))?;
        Ok(HttpResponse::build(status)
            .content_type(header::ContentType::html())
            .insert_header((header::VARY, "HX-Request"))
            .body(html))
    }
}

impl<T: askama::Template> Responder for Page<T> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.into_response()
            .unwrap_or_else(HttpResponse::from_error)
    }
}
