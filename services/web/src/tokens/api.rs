//! Tokens in `/api/v1`.
use super::wire::{NewTokenIn, TokenCreatedOut, TokenOut};
use crate::{
    endpoint::{
        Access::{May, Member},
        Endpoint,
    },
    extract::{Answer, Idempotency, JsonBody, Tenant, Unit},
    problem::Problem,
    wire::Listed,
};
use actix_web::{
    HttpResponse,
    web::{self, Json, Path, ServiceConfig},
};
use batchtrack_core::{
    kernel::ids::ApiTokenId,
    tiers::Permission as P,
    tokens::{self, Sort, TokenError, Whose},
};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/v1/tokens", Member, || web::to(list)),
    Endpoint::post("/api/v1/tokens", May(P::IntegrationsApiAccess), || {
        web::to(create)
    }),
    Endpoint::delete("/api/v1/tokens/{id}", Member, || web::to(revoke)),
    Endpoint::get(
        "/api/v1/organization/tokens",
        May(P::OrganizationManageUsers),
        || web::to(list_all),
    ),
    Endpoint::post(
        "/api/v1/organization/tokens",
        May(P::OrganizationManageUsers),
        || web::to(create_for_organization),
    ),
    Endpoint::delete(
        "/api/v1/organization/tokens/{id}",
        May(P::OrganizationManageUsers),
        || web::to(revoke_any),
    ),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// Your tokens in this organisation, the latest first.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens",
    responses((status = 200, body = Listed<TokenOut>)))]
pub(crate) async fn list(tenant: Tenant) -> Result<Json<Listed<TokenOut>>, Problem> {
    listed(&tenant, Whose::Mine).await
}

/// Make a token that acts as you, here. The answer holds its secret, this once.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = NewTokenIn,
    responses((status = 201, body = TokenCreatedOut)))]
pub(crate) async fn create(
    tenant: Tenant,
    body: JsonBody<NewTokenIn>,
) -> Result<HttpResponse, Problem> {
    made(&tenant, body, Sort::Personal).await
}

/// Revoke a token of yours: from now on it is good for nothing. The answer is what it was.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", params(("id" = i64, Path)),
    responses((status = 200, body = TokenOut)))]
pub(crate) async fn revoke(
    tenant: Tenant,
    id: Path<ApiTokenId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    revoked(&tenant, *id, once, Whose::Mine).await
}

/// All tokens of the organisation and of its members, the latest first.
#[utoipa::path(get, path = "/api/v1/organization/tokens", tag = "tokens", operation_id = "list_all",
    responses((status = 200, body = Listed<TokenOut>)))]
pub(crate) async fn list_all(tenant: Tenant) -> Result<Json<Listed<TokenOut>>, Problem> {
    listed(&tenant, Whose::All).await
}

/// Make a token that acts as the organisation itself, whoever comes and goes. It needs
/// `integrations.api_access` as well.
#[utoipa::path(post, path = "/api/v1/organization/tokens", tag = "tokens", request_body = NewTokenIn,
    responses((status = 201, body = TokenCreatedOut)))]
pub(crate) async fn create_for_organization(
    tenant: Tenant,
    body: JsonBody<NewTokenIn>,
) -> Result<HttpResponse, Problem> {
    made(&tenant, body, Sort::Organization).await
}

/// Revoke any token of the organisation or of a member. The answer is what it was.
#[utoipa::path(delete, path = "/api/v1/organization/tokens/{id}", tag = "tokens",
    params(("id" = i64, Path)), responses((status = 200, body = TokenOut)))]
pub(crate) async fn revoke_any(
    tenant: Tenant,
    id: Path<ApiTokenId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    revoked(&tenant, *id, once, Whose::All).await
}

async fn listed(tenant: &Tenant, whose: Whose) -> Result<Json<Listed<TokenOut>>, Problem> {
    let mut unit = tenant.begin().await?;
    let tokens = tokens::list(&mut unit.tx, whose).await?;
    Ok(Json(Listed::whole(
        tokens.into_iter().map(TokenOut::of).collect(),
    )))
}

async fn made(
    tenant: &Tenant,
    body: JsonBody<NewTokenIn>,
    sort: Sort,
) -> Result<HttpResponse, Problem> {
    let new = body.value.into_domain(sort)?;
    tenant
        .write(body.once, async |unit| {
            unit.need(P::IntegrationsApiAccess)?;
            let (id, secret) = tokens::create(&mut unit.tx, &unit.grants, &new).await?;
            let out = TokenCreatedOut {
                token: found(unit, id, Whose::All).await?,
                secret: None,
            };
            let location = match sort {
                Sort::Personal => "/api/v1/tokens",
                Sort::Organization => "/api/v1/organization/tokens",
            };
            Ok(Answer::created(location, out).once("secret", secret))
        })
        .await
}

async fn revoked(
    tenant: &Tenant,
    id: ApiTokenId,
    once: Idempotency,
    whose: Whose,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            let out = found(unit, id, whose).await?;
            tokens::revoke(&mut unit.tx, id, whose).await?;
            Ok(Answer::ok(out))
        })
        .await
}

async fn found(unit: &mut Unit, id: ApiTokenId, whose: Whose) -> Result<TokenOut, Problem> {
    let all = tokens::list(&mut unit.tx, whose).await?;
    let token = all.into_iter().find(|token| token.id == id);
    Ok(TokenOut::of(token.ok_or(TokenError::NoToken)?))
}
