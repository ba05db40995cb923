//! Products in `/api/v1`.
use super::wire::{
    NewProductIn, NewSkuIn, ProductCategoryOut, ProductDetailOut, ProductOut, ProductsQuery,
    SaleIn, SkuOut,
};
use crate::{
    endpoint::{Access::May, Endpoint},
    extract::{Answer, JsonBody, Tenant, Unit},
    problem::Problem,
    wire::{self, Listed, RecordedOut},
};
use actix_web::{
    HttpResponse,
    web::{self, Json, Path, Query, ServiceConfig},
};
use batchtrack_core::{
    kernel::ids::{ProductId, SkuId},
    products::{self, ProductError, SkuStock},
    recipes,
    tiers::Permission as P,
};

/// SKUs that are shown with their product; more are found by their code.
const MOST_SKUS: u16 = 500;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/v1/products", May(P::ProductsView), || web::to(list)),
    Endpoint::post("/api/v1/products", May(P::ProductsCreate), || {
        web::to(create)
    }),
    Endpoint::get("/api/v1/products/{id}", May(P::ProductsView), || {
        web::to(show)
    }),
    Endpoint::post(
        "/api/v1/products/{id}/skus",
        May(P::ProductsManageVariants),
        || web::to(add_sku),
    ),
    Endpoint::get("/api/v1/skus/{id}", May(P::ProductsView), || web::to(sku)),
    Endpoint::post(
        "/api/v1/skus/{id}/sales",
        May(P::ProductsSalesTracking),
        || web::to(sell),
    ),
    Endpoint::get("/api/v1/product-categories", May(P::ProductsView), || {
        web::to(categories)
    }),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// Products by name.
#[utoipa::path(get, path = "/api/v1/products", tag = "products", params(ProductsQuery),
    responses((status = 200, body = Listed<ProductOut>)))]
pub(crate) async fn list(
    tenant: Tenant,
    query: Query<ProductsQuery>,
) -> Result<Json<Listed<ProductOut>>, Problem> {
    let search = wire::search(query.search.as_deref());
    let (limit, after) = (
        wire::limit(query.limit)?,
        wire::cursor(query.cursor.as_deref())?,
    );
    let mut unit = tenant.begin().await?;
    let page = products::list(&mut unit.tx, search.as_deref(), after.as_ref(), limit).await?;
    let costs = unit.costs();
    Ok(Json(Listed::page(page, |row| ProductOut::of(row, costs))))
}

/// Create a product with its first SKU.
#[utoipa::path(post, path = "/api/v1/products", tag = "products", request_body = NewProductIn,
    responses((status = 201, body = ProductDetailOut)))]
pub(crate) async fn create(
    tenant: Tenant,
    body: JsonBody<NewProductIn>,
) -> Result<HttpResponse, Problem> {
    let new = body.value.into_domain()?;
    tenant
        .write(body.once, async |unit| {
            let (id, _) = products::create(&mut unit.tx, new).await?;
            let out = detail(unit, id).await?;
            Ok(Answer::created(format!("/api/v1/products/{id}"), out))
        })
        .await
}

/// One product, with its SKUs and their stock.
#[utoipa::path(get, path = "/api/v1/products/{id}", tag = "products", params(("id" = i64, Path)),
    responses((status = 200, body = ProductDetailOut)))]
pub(crate) async fn show(
    tenant: Tenant,
    id: Path<ProductId>,
) -> Result<Json<ProductDetailOut>, Problem> {
    let mut unit = tenant.begin().await?;
    Ok(Json(detail(&mut unit, *id).await?))
}

/// Add a size, and the variant if it is new.
#[utoipa::path(post, path = "/api/v1/products/{id}/skus", tag = "products", params(("id" = i64, Path)),
    request_body = NewSkuIn, responses((status = 201, body = SkuOut)))]
pub(crate) async fn add_sku(
    tenant: Tenant,
    id: Path<ProductId>,
    body: JsonBody<NewSkuIn>,
) -> Result<HttpResponse, Problem> {
    let new = body.value.into_domain()?;
    tenant
        .write(body.once, async |unit| {
            let sku = products::create_sku(&mut unit.tx, *id, new).await?;
            let out = SkuOut::of(&found(unit, sku).await?, unit.costs());
            Ok(Answer::created(format!("/api/v1/skus/{sku}"), out))
        })
        .await
}

/// One SKU, with its stock.
#[utoipa::path(get, path = "/api/v1/skus/{id}", tag = "products", params(("id" = i64, Path)),
    responses((status = 200, body = SkuOut)))]
pub(crate) async fn sku(tenant: Tenant, id: Path<SkuId>) -> Result<Json<SkuOut>, Problem> {
    let mut unit = tenant.begin().await?;
    Ok(Json(SkuOut::of(
        &found(&mut unit, *id).await?,
        unit.costs(),
    )))
}

/// Sell: oldest stock first, none that has expired.
#[utoipa::path(post, path = "/api/v1/skus/{id}/sales", tag = "products", params(("id" = i64, Path)),
    request_body = SaleIn, responses((status = 201, body = RecordedOut)))]
pub(crate) async fn sell(
    tenant: Tenant,
    id: Path<SkuId>,
    body: JsonBody<SaleIn>,
) -> Result<HttpResponse, Problem> {
    let sale = body.value;
    tenant
        .write(body.once, async |unit| {
            let stock = found(unit, *id).await?;
            let recorded = products::sell(&mut unit.tx, sale.into_domain(&stock)?).await?;
            let out = RecordedOut::of(&recorded, &stock.item, unit.costs());
            Ok(Answer::created(out.location(), out))
        })
        .await
}

/// Categories of products, which recipes have as well.
#[utoipa::path(get, path = "/api/v1/product-categories", tag = "products",
    responses((status = 200, body = Listed<ProductCategoryOut>)))]
pub(crate) async fn categories(
    tenant: Tenant,
) -> Result<Json<Listed<ProductCategoryOut>>, Problem> {
    let mut unit = tenant.begin().await?;
    let categories = recipes::product_categories(&mut unit.tx).await?;
    Ok(Json(Listed::whole(
        categories.into_iter().map(ProductCategoryOut::of).collect(),
    )))
}

async fn found(unit: &mut Unit, id: SkuId) -> Result<SkuStock, Problem> {
    Ok(products::sku(&mut unit.tx, id)
        .await?
        .ok_or(ProductError::NoSku)?)
}

async fn detail(unit: &mut Unit, id: ProductId) -> Result<ProductDetailOut, Problem> {
    let product = products::product(&mut unit.tx, id)
        .await?
        .ok_or(ProductError::NoProduct)?;
    let skus = products::skus(&mut unit.tx, Some(id), MOST_SKUS).await?;
    Ok(ProductDetailOut::of(product, &skus, unit.costs()))
}
