use super::{Caller, bearer::Bearer};
use crate::{endpoint::Access, middleware::quota::LimitFields, page::Flash};
use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::{Method, header},
};
use batchtrack_core::kernel::ids::{ApiTokenId, OperatorStayId};
use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    future::{Ready, ready},
    net::IpAddr,
    rc::Rc,
    sync::Arc,
};

/// Who reads the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Somebody before a browser: pages and redirects.
    Person,
    /// A program, or a script on a page: JSON.
    Program,
}

/// What is known of a request before anything else is asked; put there by `middleware::frame`.
#[derive(Debug)]
pub struct Meta {
    /// In the answer's `X-Request-ID`, in the logs and in the events it causes.
    pub id: Arc<str>,
    pub method: Method,
    pub path: String,
    pub audience: Audience,
    /// Of the content security policy.
    pub nonce: String,
    /// As a trusted proxy reports them, else as they are.
    pub client: Option<IpAddr>,
    pub is_https: bool,
    pub host: String,
    /// Where a refused form was sent from, if that was here.
    pub(crate) came_from: Option<String>,
    pub(crate) flash: RefCell<Vec<Flash>>,
    pub(crate) flash_shown: Cell<bool>,
    pub(crate) private: Cell<bool>,
    pub(crate) caller: Cell<Option<Caller>>,
    /// What a program shows instead of a session.
    pub(crate) bearer: Option<Bearer>,
    /// Another site, whose page asks in its visitor's name.
    pub(crate) other_site: Option<String>,
    /// That site, once it was found to be allowed to.
    pub(crate) allowed_site: Cell<bool>,
    /// The token by which they act, once it was found good.
    pub(crate) token: Cell<Option<ApiTokenId>>,
    /// What the fields about limits say in the answer.
    pub(crate) limits: RefCell<Option<LimitFields>>,
    /// Of an operator who acts as an organisation, once an extractor has looked.
    pub(crate) stay: Cell<Option<OperatorStayId>>,
    /// Who may use the endpoint that was asked for; put there when it is chosen.
    pub(crate) access: Cell<Option<Access>>,
}

impl Meta {
    /// Whoever is signed in, once an extractor has looked.
    pub fn caller(&self) -> Option<Caller> {
        self.caller.get()
    }

    pub fn wants_json(&self) -> bool {
        self.audience == Audience::Program
    }

    /// A page of this site by its absolute path, and nothing that a browser reads as another.
    pub fn is_same_site_path(path: &str) -> bool {
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains(['\\', '\r', '\n', '\t', '\0'])
            && path.len() <= 2_000
    }

    /// Sign-in, and then back to where one wanted to go.
    pub(crate) fn sign_in_url(&self) -> String {
        let wanted = if self.method.is_safe() {
            Some(self.path.as_str())
        } else {
            self.came_from.as_deref()
        };
        match wanted.filter(|path| Self::is_same_site_path(path)) {
            Some(path) => {
                let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
                format!("/auth/login?next={next}")
            }
            None => "/auth/login".to_owned(),
        }
    }

    pub(crate) fn audience_of(req: &HttpRequest) -> Audience {
        let text = |name: header::HeaderName| {
            req.headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let by_script = req.headers().contains_key("HX-Request")
            || req
                .headers()
                .get("X-Requested-With")
                .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"xmlhttprequest"));
        let accept = text(header::ACCEPT);
        let json_only = accept.contains("json") && !accept.contains("text/html");
        if req.path().contains("/api/")
            || by_script
            || json_only
            || text(header::CONTENT_TYPE).starts_with("application/json")
        {
            Audience::Program
        } else {
            Audience::Person
        }
    }

    /// The request's own; the frame puts it there before anything else runs.
    pub(crate) fn of(req: &HttpRequest) -> Rc<Self> {
        req.extensions()
            .get::<Rc<Self>>()
            .cloned()
            .expect("middleware::frame wraps every request")
    }
}

impl FromRequest for MetaRef {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(Meta::of(req))))
    }
}

/// A request's [`Meta`], for handlers that ask for nothing more.
#[derive(Debug, Clone)]
pub struct MetaRef(pub Rc<Meta>);

impl std::ops::Deref for MetaRef {
    type Target = Meta;
    fn deref(&self) -> &Meta {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Meta;

    #[test]
    fn only_paths_of_this_site_are_gone_to() {
        for good in ["/", "/recipes/?page=2", "/a//b"] {
            assert!(Meta::is_same_site_path(good), "{good}");
        }
        for bad in [
            "",
            "recipes",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nSet-Cookie: x",
            "/\t/evil",
        ] {
            assert!(!Meta::is_same_site_path(bad), "{bad}");
        }
    }
}
