//! Units in `/api/v1`.
use super::wire::{ConvertIn, ConvertedOut, UnitOut};
use crate::{
    endpoint::{Access, Endpoint},
    extract::{JsonBody, Tenant},
    problem::Problem,
    wire::{self, Listed},
};
use actix_web::web::{self, Json, ServiceConfig};
use batchtrack_core::{
    inventory::{self, InventoryError},
    kernel::{Quantity, Unit, ids::ItemId, units::ConversionError},
};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/v1/units", Access::Member, || web::to(list)),
    Endpoint::post("/api/v1/units/convert", Access::Member, || web::to(convert)),
];

pub(crate) fn routes(cfg: &mut ServiceConfig) {
    Endpoint::register(ENDPOINTS, cfg);
}

/// All units of measure.
#[utoipa::path(get, path = "/api/v1/units", tag = "units", responses((status = 200, body = Listed<UnitOut>)))]
pub(crate) async fn list(tenant: Tenant) -> Result<Json<Listed<UnitOut>>, Problem> {
    drop(tenant.begin().await?);
    let units = Unit::all().iter().map(UnitOut::of).collect();
    Ok(Json(Listed::whole(units)))
}

/// Convert an amount. Nothing is changed by it.
#[utoipa::path(post, path = "/api/v1/units/convert", tag = "units", request_body = ConvertIn,
    responses((status = 200, body = ConvertedOut)))]
pub(crate) async fn convert(
    tenant: Tenant,
    body: JsonBody<ConvertIn>,
) -> Result<Json<ConvertedOut>, Problem> {
    let wanted = body.value;
    let (from, to) = (at("from", &wanted.from)?, at("to", &wanted.to)?);
    if wanted.quantity < Quantity::ZERO {
        return Err(InventoryError::NotPositive.into());
    }
    let mut unit = tenant.begin().await?;
    let item = match wanted.item_id {
        Some(id) => Some(
            inventory::item(&mut unit.tx, ItemId::new(id))
                .await?
                .ok_or(InventoryError::NoItem)?,
        ),
        None => None,
    };
    let density = wanted
        .density
        .or_else(|| item.as_ref().and_then(|item| item.density));
    let quantity = from
        .convert(wanted.quantity, to, density)
        .map_err(|error| refused(error, from, to))?;
    Ok(Json(ConvertedOut {
        quantity: quantity.to_string(),
        unit: to.name,
        density: density
            .filter(|_| from.dimension != to.dimension)
            .map(|density| density.to_string()),
    }))
}

fn at(field: &'static str, text: &str) -> Result<&'static Unit, Problem> {
    wire::unit(text).map_err(|problem| {
        Problem::invalid("inventory.unknown_unit", problem.detail().into_owned())
            .field(field, problem.detail().into_owned())
    })
}

fn refused(error: ConversionError, from: &Unit, to: &Unit) -> Problem {
    match error {
        ConversionError::MissingDensity => Problem::invalid(
            "inventory.missing_density",
            format!("{} into {} needs a density in grams per millilitre. Send one, or the item_id of an item that has one.", from.name, to.name),
        )
        .field("density", "Needed between weight and volume."),
        ConversionError::Unsupported { .. } => Problem::invalid(
            "inventory.unsupported_conversion",
            format!("{} can't be converted into {}. Choose units of the same kind.", from.name, to.name),
        )
        .field("to", "Of another kind."),
        ConversionError::TooLarge => InventoryError::TooLarge.into(),
    }
}
