//! What `/api/v1` says and hears about units.
use batchtrack_core::kernel::{Density, Quantity, Unit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A unit of measure.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitOut {
    pub id: i64,
    #[schema(example = "kilogram")]
    pub name: &'static str,
    #[schema(example = "kg")]
    pub symbol: &'static str,
    #[schema(example = "weight")]
    pub dimension: &'static str,
}

impl UnitOut {
    pub(super) fn of(unit: &'static Unit) -> Self {
        Self {
            id: unit.id,
            name: unit.name,
            symbol: unit.symbol,
            dimension: unit.dimension.as_str(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConvertIn {
    #[schema(value_type = String, example = "48")]
    pub quantity: Quantity,
    #[schema(example = "g")]
    pub from: String,
    #[schema(example = "ml")]
    pub to: String,
    /// Grams per millilitre; else that of `item_id`.
    #[schema(value_type = Option<String>, example = "0.885")]
    pub density: Option<Density>,
    pub item_id: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ConvertedOut {
    /// Rounded half up to the millionth.
    #[schema(example = "54.237288")]
    pub quantity: String,
    #[schema(example = "milliliter")]
    pub unit: &'static str,
    /// That was used, where mass and volume met.
    #[schema(example = "0.885")]
    pub density: Option<String>,
}
