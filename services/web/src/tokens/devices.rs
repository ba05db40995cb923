//! Apps sign people in: an access token for some minutes, a refresh token for the next.
use super::wire::{LONGEST_NAME, RefreshIn, RevokeIn, SignInIn, SignedInOut};
use crate::{
    auth,
    endpoint::{Access::Public, Endpoint},
    extract::{JsonBody, Visitor},
    problem::Problem,
};
use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Json, ServiceConfig},
};
use batchtrack_core::{
    identity::{self, AppSignIn},
    kernel::{ids::OrganizationId, text},
    organizations,
    tokens::{
        AccessTokens,
        devices::{self, Device, NewDevice},
    },
};
use secrecy::{ExposeSecret as _, SecretString};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post("/api/v1/auth/token", Public, || web::to(sign_in)),
    Endpoint::post("/api/v1/auth/refresh", Public, || web::to(refresh)),
    Endpoint::post("/api/v1/auth/revoke", Public, || web::to(revoke)),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// Sign somebody in by an app: an access token for ten minutes, and a refresh token.
#[utoipa::path(post, path = "/api/v1/auth/token", tag = "auth", request_body = SignInIn,
    responses((status = 200, body = SignedInOut)))]
pub(crate) async fn sign_in(
    visitor: Visitor,
    body: JsonBody<SignInIn>,
) -> Result<Json<SignedInOut>, Problem> {
    let SignInIn {
        username,
        password,
        code,
        device,
        organization_id,
    } = body.value;
    let name = match device.as_deref().map(str::trim) {
        None | Some("") => visitor.browser.to_string(),
        Some(name) => text::line(name, LONGEST_NAME).map_err(|error| {
            let detail = format!("The name of the device {error}.");
            Problem::invalid("request.bad_text", detail.clone()).field("device", detail)
        })?,
    };
    let app = &visitor.app;
    let attempt = auth::attempt(app, &visitor.meta, &username).await?;
    let proof = AppSignIn {
        name: &username,
        password: password.into(),
        code: code.map(SecretString::from),
    };
    let id = &visitor.meta.id;
    let who = identity::sign_in_app(&app.system, &app.accounts, proof, id).await?;
    attempt.succeeded().await;
    let is_alone = {
        let mut tx = app.system.begin().await?;
        organizations::wants_single_session(&mut tx, who.user).await?
    };
    if is_alone {
        crate::session::end_browsers(app, who.user).await?;
    }
    let new = NewDevice {
        name,
        address: visitor
            .meta
            .client
            .map_or_else(String::new, |address| address.to_string()),
        organization: organization_id.map(OrganizationId::new),
        is_alone,
    };
    let begun = devices::begin(&app.system, &app.refresh_tokens, &who, new).await?;
    Ok(told(&visitor, begun))
}

/// Renew a sign-in. The refresh token that was sent is used up: keep the one in the answer. One that comes
/// a second time, later than ten seconds after its renewal, ends the sign-in for whoever has it.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", request_body = RefreshIn,
    responses((status = 200, body = SignedInOut)))]
pub(crate) async fn refresh(
    visitor: Visitor,
    body: JsonBody<RefreshIn>,
) -> Result<Json<SignedInOut>, Problem> {
    let RefreshIn {
        refresh_token,
        organization_id,
    } = body.value;
    let app = &visitor.app;
    let wanted = organization_id.map(OrganizationId::new);
    let renewed = devices::renew(&app.system, &app.refresh_tokens, &refresh_token, wanted).await?;
    Ok(told(&visitor, renewed))
}

/// Sign an app out. Its access token is good until it expires, for ten minutes at most. One that is no
/// good any more is no mistake.
#[utoipa::path(post, path = "/api/v1/auth/revoke", tag = "auth", request_body = RevokeIn,
    responses((status = 204, description = "It is good for nothing now")))]
pub(crate) async fn revoke(
    visitor: Visitor,
    body: JsonBody<RevokeIn>,
) -> Result<HttpResponse, Problem> {
    let app = &visitor.app;
    let shown = &body.value.refresh_token;
    devices::give_up(&app.system, &app.refresh_tokens, shown).await?;
    Ok(HttpResponse::NoContent()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}

fn told(visitor: &Visitor, (device, refresh): (Device, SecretString)) -> Json<SignedInOut> {
    visitor.meta.private.set(true);
    let app = &visitor.app;
    let access = app.access_tokens.make(&device, app.clock.now());
    Json(SignedInOut {
        access_token: access.expose_secret().to_owned(),
        token_type: "Bearer",
        expires_in: AccessTokens::LIFETIME.num_seconds(),
        refresh_token: refresh.expose_secret().to_owned(),
        refresh_expires_at: device.expires_at,
        organization_id: device.organization.map(OrganizationId::get),
    })
}
