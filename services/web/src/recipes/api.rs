//! Recipes in `/api/v1`.
use super::wire::{
    AvailabilityOut, NewRecipeIn, RecipeDetailOut, RecipeOut, RecipesQuery, ScaleQuery,
};
use crate::{
    endpoint::{Access::May, Endpoint},
    extract::{Answer, JsonBody, Tenant, Unit},
    problem::Problem,
    wire::{self, Listed},
};
use actix_web::{
    HttpResponse,
    web::{self, Json, Path, Query, ServiceConfig},
};
use batchtrack_core::{
    batches, inventory,
    kernel::{Scale, ids::RecipeId},
    recipes::{self, RecipeError, RecipeFilter},
    tiers::Permission as P,
};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/v1/recipes", May(P::RecipesView), || web::to(list)),
    Endpoint::post("/api/v1/recipes", May(P::RecipesCreate), || web::to(create)),
    Endpoint::get("/api/v1/recipes/{id}", May(P::RecipesView), || {
        web::to(show)
    }),
    Endpoint::get(
        "/api/v1/recipes/{id}/availability",
        May(P::RecipesView),
        || web::to(availability),
    ),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// Recipes by name.
#[utoipa::path(get, path = "/api/v1/recipes", tag = "recipes", params(RecipesQuery),
    responses((status = 200, body = Listed<RecipeOut>)))]
pub(crate) async fn list(
    tenant: Tenant,
    query: Query<RecipesQuery>,
) -> Result<Json<Listed<RecipeOut>>, Problem> {
    let filter = RecipeFilter {
        search: wire::search(query.search.as_deref()),
        archived: query.archived,
    };
    let (limit, after) = (
        wire::limit(query.limit)?,
        wire::cursor(query.cursor.as_deref())?,
    );
    let mut unit = tenant.begin().await?;
    let page = recipes::list(&mut unit.tx, &filter, after.as_ref(), limit).await?;
    Ok(Json(Listed::page(page, RecipeOut::of)))
}

/// Create a recipe.
#[utoipa::path(post, path = "/api/v1/recipes", tag = "recipes", request_body = NewRecipeIn,
    responses((status = 201, body = RecipeDetailOut)))]
pub(crate) async fn create(
    tenant: Tenant,
    body: JsonBody<NewRecipeIn>,
) -> Result<HttpResponse, Problem> {
    let new = body.value.into_domain()?;
    tenant
        .write(body.once, async |unit| {
            let id = recipes::create(&mut unit.tx, new).await?;
            let out = detail(unit, id).await?;
            Ok(Answer::created(format!("/api/v1/recipes/{id}"), out))
        })
        .await
}

/// One recipe, with its lines and their cost.
#[utoipa::path(get, path = "/api/v1/recipes/{id}", tag = "recipes", params(("id" = i64, Path)),
    responses((status = 200, body = RecipeDetailOut)))]
pub(crate) async fn show(
    tenant: Tenant,
    id: Path<RecipeId>,
) -> Result<Json<RecipeDetailOut>, Problem> {
    let mut unit = tenant.begin().await?;
    Ok(Json(detail(&mut unit, *id).await?))
}

/// Whether there is enough on the shelf to make it.
#[utoipa::path(get, path = "/api/v1/recipes/{id}/availability", tag = "recipes",
    params(("id" = i64, Path), ScaleQuery), responses((status = 200, body = AvailabilityOut)))]
pub(crate) async fn availability(
    tenant: Tenant,
    id: Path<RecipeId>,
    query: Query<ScaleQuery>,
) -> Result<Json<AvailabilityOut>, Problem> {
    let scale = query.scale.unwrap_or(Scale::ONE);
    let mut unit = tenant.begin().await?;
    let lines = batches::availability(&mut unit.tx, *id, scale).await?;
    Ok(Json(AvailabilityOut::of(id.get(), scale, lines)))
}

async fn detail(unit: &mut Unit, id: RecipeId) -> Result<RecipeDetailOut, Problem> {
    let recipe = recipes::recipe(&mut unit.tx, id)
        .await?
        .ok_or(RecipeError::NoRecipe)?;
    let lines = recipes::lines(&mut unit.tx, id).await?;
    let ids = lines.iter().map(|line| line.item_id).collect();
    let items = inventory::items_by_ids(&mut unit.tx, ids).await?;
    let cost = recipes::cost(&recipe, &lines, &items);
    Ok(RecipeDetailOut::of(
        recipe,
        &lines,
        &items,
        &cost,
        unit.costs(),
    ))
}
