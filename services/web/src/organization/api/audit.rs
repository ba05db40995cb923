use super::super::wire::{AuditEntryOut, AuditIn};
use crate::{
    extract::Tenant,
    problem::Problem,
    wire::{self, Listed},
};
use actix_web::web::{Json, Query};
use batchtrack_core::organizations::audit;

/// Who did what in the organisation, the latest first.
#[utoipa::path(get, path = "/api/v1/audit-entries", tag = "organization", operation_id = "audit_list",
    params(AuditIn), responses((status = 200, body = Listed<AuditEntryOut>)))]
pub(crate) async fn list(
    tenant: Tenant,
    query: Query<AuditIn>,
) -> Result<Json<Listed<AuditEntryOut>>, Problem> {
    let filter = query.filter()?;
    let after = wire::cursor(query.cursor.as_deref())?;
    let limit = wire::limit(query.limit)?;
    let mut unit = tenant.begin().await?;
    let page = audit::entries(&mut unit.tx, &filter, after.as_ref(), limit).await?;
    Ok(Json(Listed::page(page, AuditEntryOut::of)))
}
