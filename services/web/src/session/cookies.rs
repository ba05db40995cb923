//! The cookie's name and attributes differ between https and plain http, and one process serves
//! both: so there are two session middlewares around one site, and each request goes through one.
use super::{
    store::{FATE, Fate, Store},
    unavailable,
};
use crate::{app::App, extract::Meta, problem::Problem};
use actix_session::{
    SessionMiddleware,
    config::{PersistentSession, SessionLifecycle},
};
use actix_web::{
    Error,
    body::MessageBody,
    cookie::{SameSite, time::Duration},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::header::{self, HeaderValue},
};
use futures_util::future::LocalBoxFuture;
use std::{
    future::{Ready, ready},
    rc::Rc,
};

const PLAIN: &str = "batchtrack";
/// Browsers accept this prefix only over https, from this very host and for all of its paths.
const SECURE: &str = "__Host-batchtrack";

/// The session around every request.
#[derive(Clone)]
pub(crate) struct Sessions {
    app: App,
}

impl Sessions {
    pub(crate) const fn new(app: App) -> Self {
        Self { app }
    }

    fn middleware(&self, is_secure: bool) -> SessionMiddleware<Store> {
        let lifetime = self.app.settings.session.lifetime();
        let lifetime = Duration::seconds(lifetime.num_seconds());
        SessionMiddleware::builder(Store::new(&self.app), self.app.key.clone())
            .cookie_name(if is_secure { SECURE } else { PLAIN }.to_owned())
            .cookie_secure(is_secure)
            .cookie_http_only(true)
            .cookie_same_site(SameSite::Lax)
            .cookie_path("/".to_owned())
            .session_lifecycle(SessionLifecycle::PersistentSession(
                PersistentSession::default().session_ttl(lifetime),
            ))
            .build()
    }
}

impl<S, B> Transform<S, ServiceRequest> for Sessions
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform =
        EitherSession<S, <SessionMiddleware<Store> as Transform<Rc<S>, ServiceRequest>>::Transform>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let service = Rc::new(service);
        let around = |is_secure| {
            let service = Rc::clone(&service);
            self.middleware(is_secure)
                .new_transform(service)
                .into_inner()
        };
        ready(around(false).and_then(|plain| {
            Ok(EitherSession {
                bare: Rc::clone(&service),
                plain,
                secure: around(true)?,
                always_secure: self.app.settings.http.is_secure(),
            })
        }))
    }
}

pub(crate) struct EitherSession<S, T> {
    /// For programs with a token: what cookies they send is not even looked at.
    bare: Rc<S>,
    plain: T,
    secure: T,
    /// The public comes over https; plain http is then for loopback alone.
    always_secure: bool,
}

impl<S, T, B> Service<ServiceRequest> for EitherSession<S, T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    T: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    T::Future: 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse<B>, Error>>;

    forward_ready!(plain);

    fn call(&self, req: ServiceRequest) -> Self::Future {
        let meta = Meta::of(req.request());
        if meta.bearer.is_some() {
            return Box::pin(self.bare.call(req));
        }
        let is_secure = meta.is_https || (self.always_secure && !is_loopback(&meta.host));
        let answer = if is_secure {
            self.secure.call(req)
        } else {
            self.plain.call(req)
        };
        Box::pin(FATE.scope(Fate::default(), async move {
            let mut response = answer.await.map_err(unreachable_store)?;
            if Fate::is_gone() {
                let cookies = response.headers_mut();
                let others: Vec<HeaderValue> = cookies
                    .remove(header::SET_COOKIE)
                    .filter(|cookie| !is_session_cookie(cookie))
                    .collect();
                for cookie in others {
                    cookies.append(header::SET_COOKIE, cookie);
                }
            }
            Ok(response)
        }))
    }
}

/// The store is all that can fail here: what handlers refuse has become an answer before.
fn unreachable_store(error: Error) -> Error {
    if error.as_error::<Problem>().is_some() {
        return error;
    }
    unavailable().because(error.to_string()).into()
}

fn is_session_cookie(cookie: &HeaderValue) -> bool {
    [PLAIN, SECURE].iter().any(|name| {
        cookie
            .as_bytes()
            .strip_prefix(name.as_bytes())
            .is_some_and(|rest| rest.starts_with(b"="))
    })
}

/// Whether a `Host` header names this machine itself.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_session_cookie_is_taken_away() {
        let is = |text: &'static str| is_session_cookie(&HeaderValue::from_static(text));
        assert!(is("batchtrack=abc; Path=/"));
        assert!(is("__Host-batchtrack=abc"));
        assert!(!is("batchtrack-flash=abc"));
    }

    #[test]
    fn loopback_is_told_by_its_name() {
        for host in [
            "localhost",
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "example.com", "localhost.example.com:80", "10.0.0.1"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
