//! Pages of other sites that use the API from their visitors' browsers.
//!
//! A browser asks beforehand, without saying in whose name. So everybody is told alike that they may ask,
//! which gives nothing away and permits nothing: whether a site may is for the organisation of the token
//! to say, and that is looked at before anything is done. Cookies never count from another site.
use super::client::Origin;
use crate::{app::App, extract::Meta};
use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "Authorization, Content-Type, Idempotency-Key, X-Request-ID";
/// Of an answer, that a page of another site may read besides its body.
const EXPOSED: &str =
    "Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID";
const SECONDS: &str = "600";

/// The site whose page makes this request, unless it is this one.
pub(super) fn other_site(req: &ServiceRequest, seen: &Origin, app: &App) -> Option<String> {
    let told = req.headers().get(header::ORIGIN)?.to_str().ok()?;
    let scheme = if seen.is_https { "https" } else { "http" };
    let ours = app.settings.http.base_url.origin().ascii_serialization();
    let is_ours = told == ours || told == format!("{scheme}://{}", seen.host);
    (!is_ours).then(|| told.to_owned())
}

pub(crate) async fn around<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    match asks_beforehand(&req) {
        Some(site) => {
            let answer = HttpResponse::NoContent()
                .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, site))
                .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
                .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
                .insert_header((header::ACCESS_CONTROL_MAX_AGE, SECONDS))
                .insert_header((header::VARY, "Origin"))
                .finish();
            Ok(req.into_response(answer).map_into_right_body())
        }
        None => Ok(next.call(req).await?.map_into_left_body()),
    }
}

/// The site, when a browser asks whether a page of it may use the API. Where people sign in, none may.
fn asks_beforehand(req: &ServiceRequest) -> Option<String> {
    let is_api = req.path().starts_with("/api/v1/") && !req.path().starts_with("/api/v1/auth/");
    let asks = req
        .headers()
        .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let site = Meta::of(req.request()).other_site.clone()?;
    (*req.method() == Method::OPTIONS && is_api && asks && site.starts_with("https://"))
        .then_some(site)
}

/// Lets the page read the answer, where its organisation allows it to.
pub(super) fn put(headers: &mut HeaderMap, meta: &Meta) {
    let Some(site) = &meta.other_site else {
        return;
    };
    if headers.contains_key(header::ACCESS_CONTROL_MAX_AGE) {
        return;
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Ok(site) = HeaderValue::from_str(site)
        && meta.allowed_site.get()
    {
        let exposed: HeaderName = header::ACCESS_CONTROL_EXPOSE_HEADERS;
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, site);
        headers.insert(exposed, HeaderValue::from_static(EXPOSED));
    }
}
