//! Recipes for scripts of pages.
use crate::{
    endpoint::{Access::May, Endpoint},
    extract::Tenant,
    problem::Problem,
};
use actix_web::web::{self, Json, ServiceConfig};
use batchtrack_core::recipes;
use batchtrack_core::tiers::Permission as P;
use serde_json::{Value, json};

/// More than a page could offer to choose from.
const MOST: u16 = 1_000;

pub(crate) const ENDPOINTS: &[Endpoint] = &[Endpoint::get(
    "/api/bootstrap/recipes",
    May(P::RecipesView),
    || web::to(bootstrap),
)];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// What can be made.
async fn bootstrap(tenant: Tenant) -> Result<Json<Value>, Problem> {
    let mut unit = tenant.begin().await?;
    let recipes = recipes::published(&mut unit.tx, MOST).await?;
    let rows: Vec<Value> = recipes
        .into_iter()
        .map(|(id, name, prefix)| {
            json!({
                "id": id,
                "name": name,
                "label_prefix": prefix,
                "status": "published",
                "variations": [],
            })
        })
        .collect();
    Ok(Json(
        json!({ "count": rows.len(), "recipes": rows, "cache": "miss", "version": 1 }),
    ))
}
