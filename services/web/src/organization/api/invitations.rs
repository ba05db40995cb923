use super::super::{
    problem,
    wire::{InvitationOut, NewInvitationIn, PartIn},
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
    kernel::ids::InvitationId,
    organizations::{self, OrganizationError},
};

/// Open invitations, and those that ended within a month; the latest first.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "organization", operation_id = "invitations_list",
    params(PartIn), responses((status = 200, body = Listed<InvitationOut>)))]
pub(crate) async fn list(
    tenant: Tenant,
    query: Query<PartIn>,
) -> Result<Json<Listed<InvitationOut>>, Problem> {
    let after = wire::cursor(query.cursor.as_deref())?;
    let limit = wire::limit(query.limit)?;
    let mut unit = tenant.begin().await?;
    let page = organizations::invitations(&mut unit.tx, after.as_ref(), limit).await?;
    Ok(Json(Listed::page(page, InvitationOut::of)))
}

/// Ask somebody to join, by a letter with a link that is good for seven days.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "organization", operation_id = "invitations_create",
    request_body = NewInvitationIn, responses((status = 201, body = InvitationOut)))]
pub(crate) async fn create(
    tenant: Tenant,
    body: JsonBody<NewInvitationIn>,
) -> Result<HttpResponse, Problem> {
    let new = body.value.into_domain()?;
    tenant
        .write(body.once, async |unit| {
            let desk = &tenant.app().invitations;
            let id = organizations::invite(&mut unit.tx, &unit.grants, desk, new)
                .await
                .map_err(problem)?;
            let out = found(unit, id).await?;
            Ok(Answer::created(format!("/api/v1/invitations/{id}"), out))
        })
        .await
}

/// One invitation and what became of it.
#[utoipa::path(get, path = "/api/v1/invitations/{id}", tag = "organization", operation_id = "invitations_show",
    params(("id" = i64, Path)), responses((status = 200, body = InvitationOut)))]
pub(crate) async fn show(
    tenant: Tenant,
    id: Path<InvitationId>,
) -> Result<Json<InvitationOut>, Problem> {
    let mut unit = tenant.begin().await?;
    Ok(Json(found(&mut unit, *id).await?))
}

/// Write to somebody again. The former letter's link leads nowhere then, and the seven days begin anew.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/resend", tag = "organization",
    operation_id = "invitations_resend", params(("id" = i64, Path)),
    responses((status = 200, body = InvitationOut)))]
pub(crate) async fn resend(
    tenant: Tenant,
    id: Path<InvitationId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            let desk = &tenant.app().invitations;
            organizations::resend(&mut unit.tx, &unit.grants, desk, *id)
                .await
                .map_err(problem)?;
            Ok(Answer::ok(found(unit, *id).await?))
        })
        .await
}

/// Take an invitation back: its link leads nowhere then.
#[utoipa::path(delete, path = "/api/v1/invitations/{id}", tag = "organization",
    operation_id = "invitations_withdraw", params(("id" = i64, Path)),
    responses((status = 200, body = InvitationOut)))]
pub(crate) async fn withdraw(
    tenant: Tenant,
    id: Path<InvitationId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            organizations::withdraw(&mut unit.tx, &unit.grants, *id)
                .await
                .map_err(problem)?;
            Ok(Answer::ok(found(unit, *id).await?))
        })
        .await
}

async fn found(unit: &mut Unit, id: InvitationId) -> Result<InvitationOut, Problem> {
    let invitation = organizations::invitation(&mut unit.tx, id)
        .await?
        .ok_or(OrganizationError::NoInvitation)?;
    Ok(InvitationOut::of(invitation))
}
