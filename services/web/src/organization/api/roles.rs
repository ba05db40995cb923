use super::super::{
    problem,
    wire::{NewRoleIn, RoleChangeIn, RoleOut},
};
use crate::{
    extract::{Answer, Idempotency, JsonBody, Tenant, Unit},
    problem::Problem,
    wire::Listed,
};
use actix_web::{
    HttpResponse,
    web::{Json, Path},
};
use batchtrack_core::{
    kernel::ids::RoleId,
    organizations::{self, OrganizationError, RoleInUse},
};

/// The roles of the organisation, those that came with it first.
#[utoipa::path(get, path = "/api/v1/roles", tag = "organization", operation_id = "roles_list",
    responses((status = 200, body = Listed<RoleOut>)))]
pub(crate) async fn list(tenant: Tenant) -> Result<Json<Listed<RoleOut>>, Problem> {
    let mut unit = tenant.begin().await?;
    let roles = organizations::roles(&mut unit.tx).await?;
    let out = roles.into_iter().map(RoleOut::of).collect();
    Ok(Json(Listed::whole(out)))
}

/// Make a role of what you may do yourself.
#[utoipa::path(post, path = "/api/v1/roles", tag = "organization", operation_id = "roles_create",
    request_body = NewRoleIn, responses((status = 201, body = RoleOut)))]
pub(crate) async fn create(
    tenant: Tenant,
    body: JsonBody<NewRoleIn>,
) -> Result<HttpResponse, Problem> {
    let new = body.value.into_domain()?;
    tenant
        .write(body.once, async |unit| {
            let id = organizations::create_role(&mut unit.tx, &unit.grants, new)
                .await
                .map_err(problem)?;
            let out = RoleOut::of(found(unit, id).await?);
            Ok(Answer::created(format!("/api/v1/roles/{id}"), out))
        })
        .await
}

/// One role and what it allows.
#[utoipa::path(get, path = "/api/v1/roles/{id}", tag = "organization", operation_id = "roles_show",
    params(("id" = i64, Path)), responses((status = 200, body = RoleOut)))]
pub(crate) async fn show(tenant: Tenant, id: Path<RoleId>) -> Result<Json<RoleOut>, Problem> {
    let mut unit = tenant.begin().await?;
    Ok(Json(RoleOut::of(found(&mut unit, *id).await?)))
}

/// Change a role, for everybody who has it, from their next request on.
#[utoipa::path(patch, path = "/api/v1/roles/{id}", tag = "organization", operation_id = "roles_change",
    params(("id" = i64, Path)), request_body = RoleChangeIn, responses((status = 200, body = RoleOut)))]
pub(crate) async fn change(
    tenant: Tenant,
    id: Path<RoleId>,
    body: JsonBody<RoleChangeIn>,
) -> Result<HttpResponse, Problem> {
    let change = body.value.into_domain()?;
    tenant
        .write(body.once, async |unit| {
            organizations::change_role(&mut unit.tx, &unit.grants, *id, change.clone())
                .await
                .map_err(problem)?;
            Ok(Answer::ok(RoleOut::of(found(unit, *id).await?)))
        })
        .await
}

/// Delete a role that nobody has. The answer is what it was.
#[utoipa::path(delete, path = "/api/v1/roles/{id}", tag = "organization", operation_id = "roles_delete",
    params(("id" = i64, Path)), responses((status = 200, body = RoleOut)))]
pub(crate) async fn delete(
    tenant: Tenant,
    id: Path<RoleId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            let out = RoleOut::of(found(unit, *id).await?);
            organizations::delete_role(&mut unit.tx, &unit.grants, *id)
                .await
                .map_err(problem)?;
            Ok(Answer::ok(out))
        })
        .await
}

async fn found(unit: &mut Unit, id: RoleId) -> Result<RoleInUse, Problem> {
    let found = organizations::role(&mut unit.tx, id).await?;
    found.ok_or_else(|| OrganizationError::NoRole.into())
}
