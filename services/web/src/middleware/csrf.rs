//! No site may act for its visitors on ours: every unsafe request of a session must come from a
//! page of this site and bring the session's token. It stands around all routes, so that none can
//! forget it.
use crate::{
    app::App,
    extract::{Fields, Meta, body},
    problem::Problem,
    session::Visit,
};
use actix_session::SessionExt as _;
use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web::Data,
};
use subtle::ConstantTimeEq as _;

const HEADERS: [&str; 2] = ["X-CSRFToken", "X-CSRF-Token"];

pub(crate) async fn around<B: MessageBody + 'static>(
    app: Data<App>,
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    match check(&mut req, &app).await {
        Ok(()) => Ok(next.call(req).await?.map_into_left_body()),
        Err(problem) => {
            // `req.into_response` would lose the problem behind the answer.
            let (req, _) = req.into_parts();
            let refused = ServiceResponse::new(req, HttpResponse::from_error(problem));
            Ok(refused.map_into_right_body())
        }
    }
}

async fn check(req: &mut ServiceRequest, app: &App) -> Result<(), Problem> {
    // Mail programs stop letters by a POST of their own, and the address itself proves that they may.
    if req.method().is_safe() || req.path().starts_with("/u/") {
        return Ok(());
    }
    let meta = Meta::of(req.request());
    // A token is sent by a program and never by a browser of its own accord; and there is no session.
    if meta.bearer.is_some() {
        return Ok(());
    }
    if !is_from_here(req, &meta, app) {
        return Err(refused());
    }
    let visit = Visit::new(req.get_session());
    visit.check()?;
    // With no session there is nobody to act for; the handler will say that one must sign in.
    // Signing in itself is different: to be signed in as somebody else is an attack as well.
    if visit.is_empty() && !req.path().starts_with("/auth/") {
        return Ok(());
    }
    let expected = visit.csrf().ok_or_else(refused)?;
    let sent = match header_token(req) {
        Some(token) => Some(token),
        None => field_token(req).await?,
    };
    let matches = sent.is_some_and(|sent| sent.as_bytes().ct_eq(expected.as_bytes()).into());
    if matches { Ok(()) } else { Err(refused()) }
}

fn refused() -> Problem {
    Problem::malformed(
        "csrf.invalid",
        "This page is out of date. Reload it and try again.",
    )
}

fn text<'a>(req: &'a ServiceRequest, name: &str) -> Option<&'a str> {
    req.headers()
        .get(name)
        .map(|value| value.to_str().unwrap_or_default())
}

/// Browsers say where a request was made, and scripts can't change it. Programs say nothing.
fn is_from_here(req: &ServiceRequest, meta: &Meta, app: &App) -> bool {
    let told = text(req, header::ORIGIN.as_str()).or_else(|| text(req, header::REFERER.as_str()));
    let Some(told) = told else {
        return text(req, "Sec-Fetch-Site")
            .is_none_or(|site| matches!(site, "same-origin" | "none"));
    };
    let Ok(told) = url::Url::parse(told).map(|url| url.origin()) else {
        return false;
    };
    let scheme = if meta.is_https { "https" } else { "http" };
    let ours = url::Url::parse(&format!("{scheme}://{}", meta.host)).map(|url| url.origin());
    told.is_tuple() && (ours == Ok(told.clone()) || told == app.settings.http.base_url.origin())
}

fn header_token(req: &ServiceRequest) -> Option<String> {
    HEADERS
        .iter()
        .find_map(|name| text(req, name))
        .map(str::to_owned)
}

/// The hidden field of a form. The body is read for it, and put back for the handler.
async fn field_token(req: &mut ServiceRequest) -> Result<Option<String>, Problem> {
    let kind = body::content_type(req.request());
    if !matches!(
        kind.as_str(),
        "application/x-www-form-urlencoded" | "multipart/form-data"
    ) {
        return Ok(None);
    }
    let most = body::limit(req.request());
    let mut payload = req.take_payload();
    let bytes = body::read(req.request(), &mut payload, most).await?;
    let fields = if kind == "multipart/form-data" {
        body::multipart(req.request(), bytes.clone()).await?
    } else {
        Fields::from_urlencoded(&bytes)?
    };
    req.set_payload(Payload::from(bytes));
    Ok(fields.get("csrf_token").map(str::to_owned))
}
