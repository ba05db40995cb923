use crate::{
    extract::{Answer, Idempotency, JsonBody, Tenant, Unit},
    inventory::wire::{CategoryOut, ItemOut, ItemPatchIn, ItemsQuery, NewItemIn},
    problem::Problem,
    wire::{self, Listed},
};
use actix_web::{
    HttpResponse,
    web::{Json, Path, Query},
};
use batchtrack_core::{
    inventory::{self, InventoryError, Item, ItemFilter},
    kernel::ids::ItemId,
};

/// Items by name.
#[utoipa::path(get, path = "/api/v1/items", tag = "inventory", params(ItemsQuery),
    responses((status = 200, body = Listed<ItemOut>)))]
pub(crate) async fn list(
    tenant: Tenant,
    query: Query<ItemsQuery>,
) -> Result<Json<Listed<ItemOut>>, Problem> {
    let query = query.into_inner();
    let filter = ItemFilter {
        item_type: query.r#type,
        search: wire::search(query.search.as_deref()),
        category_id: query.category_id,
        archived: query.archived,
        hide_empty: false,
        low_only: query.low_only,
    };
    let (limit, after) = (
        wire::limit(query.limit)?,
        wire::cursor(query.cursor.as_deref())?,
    );
    let mut unit = tenant.begin().await?;
    let page = inventory::items(&mut unit.tx, &filter, after.as_ref(), limit).await?;
    let costs = unit.costs();
    Ok(Json(Listed::page(page, |item| ItemOut::of(&item, costs))))
}

/// Create an item with nothing in stock.
#[utoipa::path(post, path = "/api/v1/items", tag = "inventory", request_body = NewItemIn,
    responses((status = 201, body = ItemOut)))]
pub(crate) async fn create(
    tenant: Tenant,
    body: JsonBody<NewItemIn>,
) -> Result<HttpResponse, Problem> {
    let new = body.value.into_domain()?;
    tenant
        .write(body.once, async |unit| {
            let id = inventory::create_item(&mut unit.tx, new).await?;
            let item = found(unit, id).await?;
            Ok(Answer::created(
                format!("/api/v1/items/{id}"),
                ItemOut::of(&item, unit.costs()),
            ))
        })
        .await
}

/// One item, with what is on hand.
#[utoipa::path(get, path = "/api/v1/items/{id}", tag = "inventory", params(("id" = i64, Path)),
    responses((status = 200, body = ItemOut)))]
pub(crate) async fn show(tenant: Tenant, id: Path<ItemId>) -> Result<Json<ItemOut>, Problem> {
    let mut unit = tenant.begin().await?;
    Ok(Json(ItemOut::of(
        &found(&mut unit, *id).await?,
        unit.costs(),
    )))
}

/// Change what an item is called and how it is written.
#[utoipa::path(patch, path = "/api/v1/items/{id}", tag = "inventory", params(("id" = i64, Path)),
    request_body = ItemPatchIn, responses((status = 200, body = ItemOut)))]
pub(crate) async fn change(
    tenant: Tenant,
    id: Path<ItemId>,
    body: JsonBody<ItemPatchIn>,
) -> Result<HttpResponse, Problem> {
    let patch = body.value;
    tenant
        .write(body.once, async |unit| {
            inventory::update_item_with(&mut unit.tx, *id, |item| patch.onto(item)).await?;
            Ok(Answer::ok(ItemOut::of(
                &found(unit, *id).await?,
                unit.costs(),
            )))
        })
        .await
}

/// Take an item without stock out of the lists.
#[utoipa::path(post, path = "/api/v1/items/{id}/archive", tag = "inventory", params(("id" = i64, Path)),
    responses((status = 200, body = ItemOut)))]
pub(crate) async fn archive(
    tenant: Tenant,
    id: Path<ItemId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            inventory::archive_item(&mut unit.tx, *id).await?;
            Ok(Answer::ok(ItemOut::of(
                &found(unit, *id).await?,
                unit.costs(),
            )))
        })
        .await
}

/// Put an archived item back.
#[utoipa::path(post, path = "/api/v1/items/{id}/restore", tag = "inventory", params(("id" = i64, Path)),
    responses((status = 200, body = ItemOut)))]
pub(crate) async fn restore(
    tenant: Tenant,
    id: Path<ItemId>,
    once: Idempotency,
) -> Result<HttpResponse, Problem> {
    tenant
        .write(once, async |unit| {
            inventory::restore_item(&mut unit.tx, *id).await?;
            Ok(Answer::ok(ItemOut::of(
                &found(unit, *id).await?,
                unit.costs(),
            )))
        })
        .await
}

/// Categories of ingredients, with their usual densities.
#[utoipa::path(get, path = "/api/v1/categories", tag = "inventory",
    responses((status = 200, body = Listed<CategoryOut>)))]
pub(crate) async fn categories(tenant: Tenant) -> Result<Json<Listed<CategoryOut>>, Problem> {
    let mut unit = tenant.begin().await?;
    let categories = inventory::categories(&mut unit.tx).await?;
    Ok(Json(Listed::whole(
        categories.into_iter().map(CategoryOut::of).collect(),
    )))
}

pub(super) async fn found(unit: &mut Unit, id: ItemId) -> Result<Item, Problem> {
    Ok(inventory::item(&mut unit.tx, id)
        .await?
        .ok_or(InventoryError::NoItem)?)
}
