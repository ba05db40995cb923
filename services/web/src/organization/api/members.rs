use super::super::{
    problem,
    wire::{MemberChangeIn, MemberOut, MembersIn, role_ids},
};
use crate::{
    extract::{Answer, Idempotency, JsonBody, Tenant, Unit},
    problem::Problem,
    wire::{self, Listed},
};
use actix_web::{
    HttpResponse,
    web::{Json, Path, Query},
};
use batchtrack_core::{
    kernel::ids::UserId,
    organizations::{self, OrganizationError},
};

/// Who belongs to the organisation, active or not.
#[utoipa::path(get, path = "/api/v1/members", tag = "organization", operation_id = "members_list",
    params(MembersIn), responses((status = 200, body = Listed<MemberOut>)))]
pub(crate) async fn list(
    tenant: Tenant,
    query: Query<MembersIn>,
) -> Result<Json<Listed<MemberOut>>, Problem> {
    let after = wire::cursor(query.cursor.as_deref())?;
    let limit = wire::limit(query.limit)?;
    let search = wire::search(query.q.as_deref());
    let mut unit = tenant.begin().await?;
    let tx = &mut unit.tx;
    let page = organizations::members(tx, search.as_deref(), after.as_ref(), limit).await?;
    Ok(Json(Listed::page(page, MemberOut::of)))
}

/// One member and their roles.
#[utoipa::path(get, path = "/api/v1/members/{id}", tag = "organization", operation_id = "members_show",
    params(("id" = i64, Path)), responses((status = 200, body = MemberOut)))]
pub(crate) async fn show(tenant: Tenant, id: Path<UserId>) -> Result<Json<MemberOut>, Problem> {
    let mut unit = tenant.begin().await?;
    Ok(Json(found(&mut unit, *id).await?))
}

/// Give a member other roles, shut them out or let them in again.
#[utoipa::path(patch, path = "/api/v1/members/{id}", tag = "organization", operation_id = "members_change",
    params(("id" = i64, Path)), request_body = MemberChangeIn, responses((status = 200, body = MemberOut)))]
pub(crate) async fn change(
    tenant: Tenant,
    id: Path<UserId>,
    body: JsonBody<MemberChangeIn>,
) -> Result<HttpResponse, Problem> {
    let MemberChangeIn { roles, is_active } = body.value;
    tenant
        .write(body.once, async |unit| {
            let (tx, by) = (&mut unit.tx, &unit.grants);
            if let Some(roles) = roles {
                organizations::set_roles(tx, by, *id, role_ids(roles))
                    .await
                    .map_err(problem)?;
            }
            match is_active {
                Some(true) => organizations::reactivate(tx, by, *id).await,
                Some(false) => organizations::deactivate(tx, by, *id).await,
                None => Ok(()),
            }
            .map_err(problem)?;
            Ok(Answer::ok(found(unit, *id).await?))
        })
        .await
}

/// Remove a member. What they did stays in the books. The answer is what they were.
#[utoipa::path(delete, path = "/api/v1/members/{id}", tag = "organization", operation_id = "members_remove",
    params(("id" = i64, Path)), responses((status = 200, body = MemberOut)))]
pub(crate) async fn remove(
    tenant: Tenant,
    id: Path<UserId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            let out = found(unit, *id).await?;
            organizations::remove(&mut unit.tx, &unit.grants, *id)
                .await
                .map_err(problem)?;
            Ok(Answer::ok(out))
        })
        .await
}

async fn found(unit: &mut Unit, id: UserId) -> Result<MemberOut, Problem> {
    let member = organizations::member(&mut unit.tx, id)
        .await?
        .ok_or(OrganizationError::NoMember)?;
    Ok(MemberOut::of(member))
}
