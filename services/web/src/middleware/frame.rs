//! The outermost: names the request, counts and times it, and writes its one line in the log.
use super::{client, cors, flash};
use crate::{
    app::App,
    extract::{Meta, bearer::Bearer},
};
use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use batchtrack_core::{kernel::ids::ApiTokenId, platform::statements};
use opentelemetry::{KeyValue, global, metrics::Histogram, propagation::Extractor};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::LazyLock,
    time::{Duration, Instant},
};
use tracing::{Instrument as _, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("batchtrack-web")
        .f64_histogram("http.server.request.duration")
        .with_unit("s")
        .with_description("Time from the request's head to the answer's head")
        .with_boundaries(vec![
            0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ])
        .build()
});

pub(crate) async fn around<B: MessageBody>(
    app: Data<App>,
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let started = Instant::now();
    let meta = Rc::new(meta(&req, &app));
    // The connection remembers what was asked and leaves the body out.
    if req.method() == Method::HEAD {
        req.head_mut().method = Method::GET;
    }
    let had_flash = !meta.flash.borrow().is_empty();
    req.extensions_mut().insert(Rc::clone(&meta));
    let span = tracing::info_span!(
        "request",
        otel.name = Empty,
        otel.kind = "server",
        http.request.method = meta.method.as_str(),
        http.route = Empty,
        http.response.status_code = Empty,
        request.id = &*meta.id
    );
    let parent = global::get_text_map_propagator(|known| known.extract(&Incoming(req.headers())));
    // Fails only where traces are not collected.
    let _ = span.set_parent(parent);

    let (answer, sent) = statements::counted(next.call(req).instrument(span.clone())).await;
    let mut answer = answer;
    let (route, status) = match &mut answer {
        Ok(response) => {
            flash::clear(response, &meta, had_flash);
            let id = HeaderValue::from_str(&meta.id);
            if let Ok(id) = id {
                response.headers_mut().insert(REQUEST_ID, id);
            }
            (
                response.request().match_pattern(),
                response.status().as_u16(),
            )
        }
        Err(error) => {
            let id = HeaderValue::from_str(&meta.id);
            error.add_response_mapper(move |mut response| {
                if let Ok(id) = &id {
                    response.headers_mut().insert(REQUEST_ID, id.clone());
                }
                response
            });
            (None, error.as_response_error().status_code().as_u16())
        }
    };
    let taken = started.elapsed();
    let route = route.unwrap_or_else(|| "unmatched".to_owned());
    span.record("otel.name", format!("{} {route}", meta.method))
        .record("http.route", &*route)
        .record("http.response.status_code", status);
    measure(&meta, &route, status, taken);
    // Outside of the span, whose fields it repeats.
    log(&meta, &route, status, taken, sent);
    answer
}

fn measure(meta: &Meta, route: &str, status: u16, taken: Duration) {
    DURATION.record(
        taken.as_secs_f64(),
        &[
            KeyValue::new("http.request.method", method_name(meta)),
            KeyValue::new("http.route", route.to_owned()),
            KeyValue::new("http.response.status_code", i64::from(status)),
        ],
    );
}

/// Methods are chosen by the client; only the known ones may become names of time series.
fn method_name(meta: &Meta) -> String {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let method = meta.method.as_str();
    if known.contains(&method) {
        method
    } else {
        "_OTHER"
    }
    .to_owned()
}

/// Never a body, a query or an address of a person: the route says what was asked.
fn log(meta: &Meta, route: &str, status: u16, taken: Duration, statements: u32) {
    let caller = meta.caller();
    let (user, organization) = (
        caller.map(|caller| caller.user.get()),
        caller.and_then(|caller| Some(caller.organization?.get())),
    );
    let program = meta.token.get().map(ApiTokenId::get);
    let duration_us = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX);
    let quiet = matches!(
        route,
        "/healthz" | "/readyz" | "/metrics" | "/assets/{file}"
    );
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                http.request.method = meta.method.as_str(),
                http.route = route,
                http.response.status_code = status,
                duration_us,
                statements,
                user.id = user,
                organization.id = organization,
                token.id = program,
                request.id = &*meta.id,
                "request"
            )
        };
    }
    if quiet {
        line!(debug);
    } else {
        line!(info);
    }
}

fn meta(req: &ServiceRequest, app: &App) -> Meta {
    let seen = client::origin(req, &app.settings.http);
    let audience = Meta::audience_of(req.request());
    let other_site = cors::other_site(req, &seen, app);
    Meta {
        id: name(req.headers()).into(),
        method: req.method().clone(),
        path: req
            .uri()
            .path_and_query()
            .map_or_else(|| req.path().to_owned(), ToString::to_string),
        audience,
        nonce: uuid::Uuid::new_v4().simple().to_string(),
        came_from: came_from(req.request(), &seen.host),
        client: seen.client,
        is_https: seen.is_https,
        host: seen.host,
        flash: RefCell::new(flash::read(req.request(), app).into_iter().collect()),
        flash_shown: Cell::new(false),
        private: Cell::new(false),
        caller: Cell::default(),
        bearer: Bearer::of(req.headers(), audience, app),
        other_site,
        allowed_site: Cell::default(),
        token: Cell::default(),
        limits: RefCell::default(),
        access: Cell::default(),
        stay: Cell::default(),
    }
}

/// The name it came with, if it is fit to be printed; else one of our own.
fn name(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let fit = |id: &&str| {
        (1..=128).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._:/-".contains(&b))
    };
    text("x-request-id")
        .filter(fit)
        .or_else(|| text("x-correlation-id").filter(fit))
        .or_else(|| {
            text("traceparent")?
                .split('-')
                .nth(1)
                .filter(|id| id.len() == 32)
                .filter(fit)
        })
        .map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned)
}

/// The page of this site that a form was sent from.
fn came_from(req: &HttpRequest, host: &str) -> Option<String> {
    let referer = req.headers().get(header::REFERER)?.to_str().ok()?;
    let url = url::Url::parse(referer).ok()?;
    let authority = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str()?),
        None => url.host_str()?.to_owned(),
    };
    (authority == host).then(|| url.path().to_owned())
}

struct Incoming<'a>(&'a HeaderMap);

impl Extractor for Incoming<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }
    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pairs: &[(&'static str, &'static str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        name(&headers)
    }

    #[test]
    fn a_request_keeps_a_fit_name() {
        assert_eq!(named(&[("x-request-id", "abc.1:2/3-4_5")]), "abc.1:2/3-4_5");
        assert_eq!(
            named(&[("x-request-id", "no spaces"), ("x-correlation-id", "yes")]),
            "yes"
        );
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(
            named(&[("traceparent", trace)]),
            "4bf92f3577b34da6a3ce929d0e0e4736"
        );
        assert_eq!(named(&[]).len(), 36);
    }
}
