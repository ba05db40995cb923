//! Batches in `/api/v1`.
use super::wire::{
    BatchDetailOut, BatchOut, BatchesQuery, CompleteIn, CompletedOut, FailIn, StartIn, refused,
};
use crate::{
    endpoint::{Access::May, Endpoint},
    extract::{Answer, Idempotency, JsonBody, Tenant, Unit},
    problem::Problem,
    wire::{self, Listed, RecordedOut},
};
use actix_web::{
    HttpResponse,
    web::{self, Json, Path, Query, ServiceConfig},
};
use batchtrack_core::{
    batches::{self, Batch, BatchError, BatchFilter},
    inventory::{self, InventoryError},
    kernel::ids::{BatchId, RecipeId, SkuId},
    products,
    tiers::Permission as P,
};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/v1/batches", May(P::BatchesView), || web::to(list)),
    Endpoint::post("/api/v1/batches", May(P::BatchesCreate), || web::to(start)),
    Endpoint::get("/api/v1/batches/{id}", May(P::BatchesView), || {
        web::to(show)
    }),
    Endpoint::post(
        "/api/v1/batches/{id}/complete",
        May(P::BatchesFinish),
        || web::to(complete),
    ),
    Endpoint::post("/api/v1/batches/{id}/fail", May(P::BatchesFinish), || {
        web::to(fail)
    }),
    Endpoint::post("/api/v1/batches/{id}/cancel", May(P::BatchesCancel), || {
        web::to(cancel)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// Batches, newest first.
#[utoipa::path(get, path = "/api/v1/batches", tag = "batches", params(BatchesQuery),
    responses((status = 200, body = Listed<BatchOut>)))]
pub(crate) async fn list(
    tenant: Tenant,
    query: Query<BatchesQuery>,
) -> Result<Json<Listed<BatchOut>>, Problem> {
    let filter = BatchFilter {
        status: query.status,
        recipe: query.recipe_id.map(RecipeId::new),
    };
    let (limit, before) = (
        wire::limit(query.limit)?,
        wire::cursor(query.cursor.as_deref())?,
    );
    let mut unit = tenant.begin().await?;
    let page = batches::list(&mut unit.tx, &filter, before.as_ref(), limit).await?;
    let costs = unit.costs();
    Ok(Json(Listed::page(page, |batch| {
        BatchOut::of(&batch, costs)
    })))
}

/// Start a batch: it takes every line of the recipe from stock, or nothing. What is short is listed
/// in the problem's `shortages`.
#[utoipa::path(post, path = "/api/v1/batches", tag = "batches", request_body = StartIn,
    responses((status = 201, body = BatchDetailOut)))]
pub(crate) async fn start(
    tenant: Tenant,
    body: JsonBody<StartIn>,
) -> Result<HttpResponse, Problem> {
    let start = body.value.into_domain()?;
    tenant
        .write(body.once, async |unit| {
            let started = batches::start(&mut unit.tx, start).await.map_err(refused)?;
            let out = detail(unit, started.id).await?;
            Ok(Answer::created(
                format!("/api/v1/batches/{}", started.id),
                out,
            ))
        })
        .await
}

/// One batch, with what it took and what came of it.
#[utoipa::path(get, path = "/api/v1/batches/{id}", tag = "batches", params(("id" = i64, Path)),
    responses((status = 200, body = BatchDetailOut)))]
pub(crate) async fn show(
    tenant: Tenant,
    id: Path<BatchId>,
) -> Result<Json<BatchDetailOut>, Problem> {
    let mut unit = tenant.begin().await?;
    Ok(Json(detail(&mut unit, *id).await?))
}

/// Complete a batch: what came of it becomes a lot that carries all that went in.
#[utoipa::path(post, path = "/api/v1/batches/{id}/complete", tag = "batches", params(("id" = i64, Path)),
    request_body = CompleteIn, responses((status = 200, body = CompletedOut)))]
pub(crate) async fn complete(
    tenant: Tenant,
    id: Path<BatchId>,
    body: JsonBody<CompleteIn>,
) -> Result<HttpResponse, Problem> {
    let finish = body.value.into_domain(*id)?;
    tenant
        .write(body.once, async |unit| {
            let finished = products::finish(&mut unit.tx, finish).await?;
            let item = inventory::item(&mut unit.tx, finished.item)
                .await?
                .ok_or(InventoryError::NoItem)?;
            Ok(Answer::ok(CompletedOut {
                recorded: RecordedOut::of(&finished.recorded, &item, unit.costs()),
                sku_id: finished.sku.map(SkuId::get),
                batch: BatchOut::of(&found(unit, *id).await?, unit.costs()),
            }))
        })
        .await
}

/// Give a batch up: what went in is lost.
#[utoipa::path(post, path = "/api/v1/batches/{id}/fail", tag = "batches", params(("id" = i64, Path)),
    request_body = FailIn, responses((status = 200, body = BatchDetailOut)))]
pub(crate) async fn fail(
    tenant: Tenant,
    id: Path<BatchId>,
    body: JsonBody<FailIn>,
) -> Result<HttpResponse, Problem> {
    let reason = wire::note("reason", &body.value.reason)?;
    tenant
        .write(body.once, async |unit| {
            batches::fail(&mut unit.tx, *id, reason).await?;
            Ok(Answer::ok(detail(unit, *id).await?))
        })
        .await
}

/// Call a batch off: everything goes back to exactly the lots it came from.
#[utoipa::path(post, path = "/api/v1/batches/{id}/cancel", tag = "batches", params(("id" = i64, Path)),
    responses((status = 200, body = BatchDetailOut)))]
pub(crate) async fn cancel(
    tenant: Tenant,
    id: Path<BatchId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            batches::cancel(&mut unit.tx, *id).await?;
            Ok(Answer::ok(detail(unit, *id).await?))
        })
        .await
}

async fn found(unit: &mut Unit, id: BatchId) -> Result<Batch, Problem> {
    Ok(batches::batch(&mut unit.tx, id)
        .await?
        .ok_or(BatchError::NoBatch)?)
}

async fn detail(unit: &mut Unit, id: BatchId) -> Result<BatchDetailOut, Problem> {
    let batch = found(unit, id).await?;
    let costs = unit.costs();
    let tx = &mut unit.tx;
    let lines = batches::lines(tx, id).await?;
    let outputs = batches::outputs(tx, id).await?;
    let last = batches::last_step(tx, id).await?.map(|action| action.id);
    let items =
        inventory::items_by_ids(tx, outputs.iter().map(|output| output.item_id).collect()).await?;
    Ok(BatchDetailOut::of(
        &batch, last, lines, &outputs, &items, costs,
    ))
}
