//! The dashboard in `/api/v1`.
use crate::{
    batches::wire::BatchOut,
    endpoint::{Access::May, Endpoint},
    extract::Tenant,
    inventory::wire::ItemOut,
    problem::Problem,
};
use actix_web::web::{self, Json, ServiceConfig};
use batchtrack_core::{
    batches::{self, BatchFilter, BatchStatus},
    inventory,
    kernel::ids::BatchId,
    tiers::Permission as P,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Rows of each of its lists.
const FEW: u16 = 10;

pub(crate) const ENDPOINTS: &[Endpoint] = &[Endpoint::get(
    "/api/v1/dashboard",
    May(P::DashboardView),
    || web::to(show),
)];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// How things stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardOut {
    /// Items in use.
    pub items: i64,
    /// Of them, those at or under their threshold.
    pub low_items: i64,
    /// Of all that is on the shelves.
    #[schema(example = "1204.37")]
    pub stock_value: Option<String>,
    pub batches_in_progress: i64,
    /// Tied up in batches in progress.
    pub value_in_progress: Option<String>,
    /// The emptiest items, at most ten.
    pub low_stock: Vec<ItemOut>,
    /// The newest batches in progress, at most ten.
    pub in_progress: Vec<BatchOut>,
}

/// Totals, what runs low, and what is being made.
#[utoipa::path(get, path = "/api/v1/dashboard", tag = "dashboard", responses((status = 200, body = DashboardOut)))]
pub(crate) async fn show(tenant: Tenant) -> Result<Json<DashboardOut>, Problem> {
    let mut unit = tenant.begin().await?;
    let costs = unit.costs();
    let tx = &mut unit.tx;
    let totals = inventory::totals(tx).await?;
    // Nothing comes after the last id there can be, so no completed batch is counted.
    let (in_progress, _, tied_up) = batches::counts(tx, BatchId::new(i64::MAX)).await?;
    let low = inventory::low_stock(tx, FEW).await?;
    let filter = BatchFilter {
        status: Some(BatchStatus::InProgress),
        recipe: None,
    };
    let newest = batches::list(tx, &filter, None, FEW).await?;
    Ok(Json(DashboardOut {
        items: totals.items,
        low_items: totals.low,
        stock_value: costs.stock(totals.value),
        batches_in_progress: in_progress,
        value_in_progress: costs.batch(tied_up),
        low_stock: low.iter().map(|item| ItemOut::of(item, costs)).collect(),
        in_progress: newest
            .rows
            .iter()
            .map(|batch| BatchOut::of(batch, costs))
            .collect(),
    }))
}
