//! Imports in `/api/v1`.
use super::{
    body::ImportBody,
    problem,
    wire::{ImportIn, ImportOut, ImportedOut, ImportsQuery, PreviewOut},
};
use crate::{
    endpoint::{Access::May, Endpoint},
    extract::{Answer, Idempotency, Tenant},
    problem::Problem,
    wire::{self, Listed},
};
use actix_web::{
    HttpResponse,
    web::{self, Json, Path, Query, ServiceConfig},
};
use batchtrack_core::{
    imports::{self, ImportError},
    kernel::ids::ImportId,
    tiers::Permission as P,
};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/v1/imports", May(P::InventoryView), || web::to(list)),
    Endpoint::post("/api/v1/imports", May(P::InventoryEdit), || web::to(run)),
    Endpoint::get("/api/v1/imports/{id}", May(P::InventoryView), || {
        web::to(show)
    }),
    Endpoint::post("/api/v1/imports/{id}/undo", May(P::InventoryEdit), || {
        web::to(undo)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// Imports, the newest first.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", params(ImportsQuery),
    responses((status = 200, body = Listed<ImportOut>)))]
pub(crate) async fn list(
    tenant: Tenant,
    query: Query<ImportsQuery>,
) -> Result<Json<Listed<ImportOut>>, Problem> {
    let (limit, before) = (
        wire::limit(query.limit)?,
        wire::cursor(query.cursor.as_deref())?,
    );
    let mut unit = tenant.begin().await?;
    let page = imports::list(&mut unit.tx, before.as_ref(), limit).await?;
    Ok(Json(Listed::page(page, |import| ImportOut::of(&import))))
}

/// Take a file in whole or not at all, or look at it first.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", request_body = ImportIn,
    responses((status = 200, description = "Of a dry run.", body = PreviewOut), (status = 201, body = ImportedOut)))]
pub(crate) async fn run(tenant: Tenant, body: ImportBody) -> Result<HttpResponse, Problem> {
    if body.dry_run {
        let mut unit = tenant.begin().await?;
        let preview = imports::preview(&mut unit.tx, &body.upload)
            .await
            .map_err(problem)?;
        return Ok(HttpResponse::Ok().json(PreviewOut::of(preview)));
    }
    tenant
        .write(body.once, async |unit| {
            let imported = imports::run(&mut unit.tx, &body.upload)
                .await
                .map_err(problem)?;
            Ok(Answer::created(
                format!("/api/v1/imports/{}", imported.id),
                ImportedOut::of(&imported),
            ))
        })
        .await
}

/// One import.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports", params(("id" = i64, Path)),
    responses((status = 200, body = ImportOut)))]
pub(crate) async fn show(tenant: Tenant, id: Path<ImportId>) -> Result<Json<ImportOut>, Problem> {
    let mut unit = tenant.begin().await?;
    let import = imports::import(&mut unit.tx, *id)
        .await?
        .ok_or(ImportError::NoImport)?;
    Ok(Json(ImportOut::of(&import)))
}

/// Take an import back whole. Refused, with the reason, while something depends on any of it.
#[utoipa::path(post, path = "/api/v1/imports/{id}/undo", tag = "imports", params(("id" = i64, Path)),
    responses((status = 200, body = ImportOut)))]
pub(crate) async fn undo(
    tenant: Tenant,
    id: Path<ImportId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            imports::undo(&mut unit.tx, *id).await?;
            let import = imports::import(&mut unit.tx, *id)
                .await?
                .ok_or(ImportError::NoImport)?;
            Ok(Answer::ok(ImportOut::of(&import)))
        })
        .await
}
