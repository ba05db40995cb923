use super::items::found;
use crate::{
    extract::{Answer, Idempotency, JsonBody, Tenant},
    inventory::pages::need_to_undo,
    inventory::wire::{
        ActionDetailOut, ActionOut, AdjustmentIn, HistoryOut, LotOut, LotsQuery, MovementOut,
        PageQuery, ReceiptIn, UndoneOut,
    },
    problem::Problem,
    wire::{self, Listed, RecordedOut},
};
use actix_web::{
    HttpResponse,
    web::{Json, Path, Query},
};
use batchtrack_core::{
    batches,
    inventory::{self, InventoryError, Lot},
    kernel::{
        Cursor, Page,
        ids::{ActionId, ItemId, LotId, MovementId},
    },
};

/// The lots of an item, in the order they came.
#[utoipa::path(get, path = "/api/v1/items/{id}/lots", tag = "inventory", params(("id" = i64, Path), LotsQuery),
    responses((status = 200, body = Listed<LotOut>)))]
pub(crate) async fn lots(
    tenant: Tenant,
    id: Path<ItemId>,
    query: Query<LotsQuery>,
) -> Result<Json<Listed<LotOut>>, Problem> {
    let limit = wire::limit(query.limit)?;
    let after = wire::cursor(query.cursor.as_deref())?.map(|cursor| LotId::new(cursor.id));
    let mut unit = tenant.begin().await?;
    let item = found(&mut unit, *id).await?;
    let lots = inventory::lots(&mut unit.tx, *id, query.with_empty, after, limit + 1).await?;
    let page = Page::of(lots, usize::from(limit), |lot: &Lot| Cursor {
        key: String::new(),
        id: lot.id.get(),
    });
    let (now, costs) = (unit.tx.now(), unit.costs());
    Ok(Json(Listed::page(page, |lot| {
        LotOut::of(&lot, &item, now, costs)
    })))
}

/// What happened to an item, newest first.
#[utoipa::path(get, path = "/api/v1/items/{id}/history", tag = "inventory", params(("id" = i64, Path), PageQuery),
    responses((status = 200, body = Listed<HistoryOut>)))]
pub(crate) async fn history(
    tenant: Tenant,
    id: Path<ItemId>,
    query: Query<PageQuery>,
) -> Result<Json<Listed<HistoryOut>>, Problem> {
    let limit = wire::limit(query.limit)?;
    let before = wire::cursor(query.cursor.as_deref())?.map(|cursor| MovementId::new(cursor.id));
    let mut unit = tenant.begin().await?;
    let item = found(&mut unit, *id).await?;
    let page = inventory::history(&mut unit.tx, *id, before, limit).await?;
    let costs = unit.costs();
    Ok(Json(Listed::page(page, |row| {
        HistoryOut::of(&row, &item, costs)
    })))
}

/// Record stock that came in: one lot.
#[utoipa::path(post, path = "/api/v1/items/{id}/receipts", tag = "inventory", params(("id" = i64, Path)),
    request_body = ReceiptIn, responses((status = 201, body = RecordedOut)))]
pub(crate) async fn receive(
    tenant: Tenant,
    id: Path<ItemId>,
    body: JsonBody<ReceiptIn>,
) -> Result<HttpResponse, Problem> {
    let receipt = body.value.into_domain(*id)?;
    tenant
        .write(body.once, async |unit| {
            let recorded = inventory::receive(&mut unit.tx, receipt).await?;
            let out = RecordedOut::of(&recorded, &found(unit, *id).await?, unit.costs());
            Ok(Answer::created(out.location(), out))
        })
        .await
}

/// Record stock that went out, or was counted.
#[utoipa::path(post, path = "/api/v1/items/{id}/adjustments", tag = "inventory", params(("id" = i64, Path)),
    request_body = AdjustmentIn, responses((status = 201, body = RecordedOut)))]
pub(crate) async fn adjust(
    tenant: Tenant,
    id: Path<ItemId>,
    body: JsonBody<AdjustmentIn>,
) -> Result<HttpResponse, Problem> {
    let adjustment = body.value.into_domain(*id)?;
    tenant
        .write(body.once, async |unit| {
            let recorded = inventory::take_out(&mut unit.tx, adjustment).await?;
            let out = RecordedOut::of(&recorded, &found(unit, *id).await?, unit.costs());
            Ok(Answer::created(out.location(), out))
        })
        .await
}

/// One action on stock, with its movements.
#[utoipa::path(get, path = "/api/v1/actions/{id}", tag = "inventory", params(("id" = i64, Path)),
    responses((status = 200, body = ActionDetailOut)))]
pub(crate) async fn action(
    tenant: Tenant,
    id: Path<ActionId>,
) -> Result<Json<ActionDetailOut>, Problem> {
    let mut unit = tenant.begin().await?;
    let action = inventory::action(&mut unit.tx, *id)
        .await?
        .ok_or(InventoryError::NoAction)?;
    let undone_by = inventory::undone_by(&mut unit.tx, *id).await?;
    let movements = inventory::movements(&mut unit.tx, *id).await?;
    Ok(Json(ActionDetailOut {
        action: ActionOut::of(&action, undone_by.map(ActionId::get)),
        movements: movements
            .iter()
            .map(|movement| MovementOut::of(movement, unit.costs()))
            .collect(),
    }))
}

/// Take an action back: exactly its movements, at exactly their lots and values. Refused while
/// something later depends on it. What belongs to a batch moves the batch back a step as well.
#[utoipa::path(post, path = "/api/v1/actions/{id}/undo", tag = "inventory", params(("id" = i64, Path)),
    responses((status = 200, body = UndoneOut)))]
pub(crate) async fn undo(
    tenant: Tenant,
    id: Path<ActionId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            need_to_undo(unit, *id).await?;
            let recorded = batches::undo(&mut unit.tx, *id).await?;
            Ok(Answer::ok(UndoneOut {
                undone_action_id: id.get(),
                value: unit.costs().stock(recorded.value),
            }))
        })
        .await
}
