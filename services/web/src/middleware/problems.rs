//! Gives every refusal and failure the form that its reader understands, panics included.
use crate::{
    extract::{Meta, fields::unprintable},
    problem::Problem,
};
use actix_web::{
    Error, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{StatusCode, header},
    middleware::Next,
};
use batchtrack_core::kernel::Kind;
use futures_util::FutureExt as _;
use std::{any::Any, panic::AssertUnwindSafe};

pub(crate) async fn around<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let meta = Meta::of(req.request());
    // No text with NUL in it can be looked for in the database; it would end as a failure of ours.
    if meta.path.contains("%00") {
        let (req, _) = req.into_parts();
        return Ok(ServiceResponse::new(req, unprintable().answer(&meta)));
    }
    // A request that panics leaves nothing behind: its unit of work is rolled back as it unwinds.
    let answer = AssertUnwindSafe(next.call(req)).catch_unwind().await;
    let error = match answer {
        Ok(Ok(response)) => return Ok(dress(response.map_into_boxed_body(), &meta)),
        Ok(Err(error)) => error,
        Err(panic) => Problem::internal(format!("panic: {}", words(&*panic))).into(),
    };
    // The request is gone with whatever failed, so the answer travels in the error.
    let answer = match error.as_error::<Problem>() {
        Some(problem) => problem.answer(&meta),
        None => Problem::internal(error.to_string()).answer(&meta),
    };
    Err(InternalError::from_response("answered by middleware::problems", answer).into())
}

fn dress(response: ServiceResponse<BoxBody>, meta: &Meta) -> ServiceResponse<BoxBody> {
    let problem = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Problem>())
        .map(|problem| problem.answer(meta));
    let answer = problem.or_else(|| bare(&response).map(|problem| problem.answer(meta)));
    match answer {
        Some(answer) => replace(response, answer),
        None => response,
    }
}

/// Keeps what inner middleware set on the answer: session cookies, `Allow`, `Retry-After`.
fn replace(
    response: ServiceResponse<BoxBody>,
    mut answer: HttpResponse,
) -> ServiceResponse<BoxBody> {
    let (req, old) = response.into_parts();
    for (name, value) in old.headers() {
        let kept = [header::SET_COOKIE, header::ALLOW].contains(name);
        let more_exact = name == header::RETRY_AFTER;
        if kept {
            answer.headers_mut().append(name.clone(), value.clone());
        } else if more_exact {
            answer.headers_mut().insert(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(req, answer)
}

/// An error status without a word of explanation, as actix itself answers.
fn bare(response: &ServiceResponse<BoxBody>) -> Option<Problem> {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let says_nothing = matches!(
        response.response().body().size(),
        BodySize::None | BodySize::Sized(0)
    ) || response.response().error().is_some();
    if !is_error || !says_nothing {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Problem::malformed(
            "method_not_allowed",
            "This address does not know that method. The Allow header lists those it knows.",
        )
        .with_status(status),
        StatusCode::TOO_MANY_REQUESTS => Problem::new(
            Kind::Limited,
            "limit.flood",
            "There were too many requests from your address in a short time. Wait a moment, then go on.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            Kind::TooLarge,
            "request.too_large",
            "That is too much at once. Send it in parts.",
        ),
        _ if status.is_server_error() => Problem::internal(
            response
                .response()
                .error()
                .map_or_else(|| status.to_string(), ToString::to_string),
        ),
        _ => Problem::malformed(
            "request.refused",
            response.response().error().map_or_else(
                || "The request was not understood.".to_owned(),
                ToString::to_string,
            ),
        )
        .with_status(status),
    })
}

fn words(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&'static str>().copied())
        .unwrap_or("without words")
}
