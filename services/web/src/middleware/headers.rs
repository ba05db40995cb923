//! What every answer tells the browser to allow.
use super::cors;
use crate::extract::Meta;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
};
use std::rc::Rc;

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (
        header::PERMISSIONS_POLICY,
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
];

pub(crate) async fn around<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let meta = Meta::of(req.request());
    match next.call(req).await {
        Ok(mut response) => {
            put(response.headers_mut(), &meta);
            Ok(response)
        }
        Err(mut error) => {
            let meta = Rc::clone(&meta);
            error.add_response_mapper(move |mut response| {
                put(response.headers_mut(), &meta);
                response
            });
            Err(error)
        }
    }
}

fn put(headers: &mut HeaderMap, meta: &Meta) {
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if meta.is_https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    cors::put(headers, meta);
    if let Some(limits) = &*meta.limits.borrow() {
        limits.put(headers);
    }
    let is_page = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let policy = if is_page {
        // Over plain http, as on one's own machine, there is nothing to upgrade to.
        let upgrade = if meta.is_https {
            "; upgrade-insecure-requests"
        } else {
            ""
        };
        format!(
            "default-src 'self'; script-src 'self' 'nonce-{}'; style-src 'self'; img-src 'self' data:; \
             connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'{upgrade}",
            meta.nonce
        )
    } else {
        "default-src 'none'; frame-ancestors 'none'".to_owned()
    };
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        let caching = if meta.private.get() {
            "no-store"
        } else {
            "no-cache"
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    }
}
