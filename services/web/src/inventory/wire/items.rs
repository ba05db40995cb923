use crate::{
    problem::Problem,
    wire::{self, Costs, Patch},
};
use batchtrack_core::{
    inventory::{Category, Item, ItemChange, ItemType, NewItem},
    kernel::{Density, Quantity, text::Name},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Something kept in stock.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemOut {
    pub id: i64,
    #[schema(example = "Olive Oil")]
    pub name: String,
    /// `ingredient`, `container`, `packaging`, `consumable` or `product`.
    #[schema(example = "ingredient")]
    pub r#type: &'static str,
    /// What its quantities are written in.
    #[schema(example = "gram")]
    pub unit: String,
    /// `weight`, `volume`, `count`, `length`, `area` or `time`; it never changes.
    #[schema(example = "weight")]
    pub dimension: &'static str,
    /// Grams per millilitre.
    #[schema(example = "0.915")]
    pub density: Option<String>,
    pub category_id: Option<i64>,
    pub global_item_id: Option<i64>,
    /// On hand, in `unit`.
    #[schema(example = "31751.44")]
    pub quantity: String,
    /// On hand, in millionths of the base unit, exactly.
    #[schema(example = "31751440000")]
    pub quantity_base: String,
    /// Of all that is on hand.
    #[schema(example = "310.08")]
    pub value: Option<String>,
    /// Average value of one `unit` on hand; `null` with nothing on hand.
    #[schema(example = "0.009766")]
    pub unit_cost: Option<String>,
    /// In `unit`.
    pub low_stock_threshold: Option<String>,
    pub is_low: bool,
    pub shelf_life_days: Option<i32>,
    /// Whether batches make it.
    pub is_intermediate: bool,
    pub notes: String,
    pub archived_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl ItemOut {
    pub(crate) fn of(item: &Item, costs: Costs) -> Self {
        Self {
            id: item.id.get(),
            name: item.name.clone(),
            r#type: item.item_type.as_str(),
            unit: item.unit.clone(),
            dimension: item.dimension.as_str(),
            density: item.density.map(|density| density.to_string()),
            category_id: item.category_id,
            global_item_id: item.global_item_id,
            quantity: item.written(item.quantity).to_string(),
            quantity_base: item.quantity.get().to_string(),
            value: costs.stock(item.value),
            unit_cost: item.unit_cost().and_then(|cost| costs.stock(cost)),
            low_stock_threshold: item
                .low_stock_threshold
                .map(|low| item.written(low).to_string()),
            is_low: item.is_low(),
            shelf_life_days: item.shelf_life_days,
            is_intermediate: item.is_intermediate,
            notes: item.notes.clone(),
            archived_at: item.archived_at,
            created_at: item.created_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ItemsQuery {
    /// 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Part of the name.
    pub search: Option<String>,
    /// `ingredient`, `container`, `packaging`, `consumable` or `product`; all but products when left out.
    #[param(value_type = Option<String>)]
    pub r#type: Option<ItemType>,
    pub category_id: Option<i64>,
    /// Those in the archive instead of those in use.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    pub archived: bool,
    /// Only those at or under their threshold.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    pub low_only: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewItemIn {
    #[schema(example = "Olive Oil")]
    pub name: String,
    /// `ingredient` (when left out), `container`, `packaging` or `consumable`. Products have SKUs.
    #[schema(value_type = Option<String>)]
    pub r#type: Option<ItemType>,
    /// What its quantities are written in; its dimension is the item's for good.
    #[schema(example = "g")]
    pub unit: String,
    /// Grams per millilitre. When left out, that of its category.
    #[schema(value_type = Option<String>, example = "0.915")]
    pub density: Option<Density>,
    pub category_id: Option<i64>,
    pub shelf_life_days: Option<i32>,
    /// In `unit`.
    #[schema(value_type = Option<String>, example = "500")]
    pub low_stock_threshold: Option<Quantity>,
    #[serde(default)]
    pub notes: String,
}

impl NewItemIn {
    pub(in crate::inventory) fn into_domain(self) -> Result<NewItem, Problem> {
        let unit = wire::unit(&self.unit)?;
        let name = wire::name("name", &self.name)?;
        let low = self
            .low_stock_threshold
            .map(|low| wire::threshold(low, unit));
        Ok(NewItem {
            density: self.density,
            category_id: self.category_id,
            shelf_life_days: shelf_life(self.shelf_life_days)?,
            low_stock_threshold: low.transpose()?,
            notes: wire::note("notes", &self.notes)?,
            ..NewItem::new(
                name,
                not_product(self.r#type.unwrap_or(ItemType::Ingredient))?,
                unit,
            )
        })
    }
}

/// Stock of products belongs to SKUs, which are made with their product.
fn not_product(item_type: ItemType) -> Result<ItemType, Problem> {
    if item_type == ItemType::Product {
        let detail =
            "Stock of products belongs to SKUs. Create the product instead, or a SKU of it.";
        return Err(Problem::invalid("inventory.product_type", detail).field("type", detail));
    }
    Ok(item_type)
}

fn shelf_life(days: Option<i32>) -> Result<Option<i32>, Problem> {
    const MOST: i32 = 36_500;
    if days.is_some_and(|days| !(1..=MOST).contains(&days)) {
        let detail = format!("The shelf life lies between 1 and {MOST} days.");
        return Err(Problem::invalid("inventory.bad_shelf_life", detail.clone())
            .field("shelf_life_days", detail));
    }
    Ok(days)
}

/// What is left out stays as it is; `null` takes away what may be missing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemPatchIn {
    pub name: Option<String>,
    #[schema(value_type = Option<String>)]
    pub r#type: Option<ItemType>,
    /// Of the item's own dimension. No lot is touched by it.
    pub unit: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub density: Patch<Density>,
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub category_id: Patch<i64>,
    #[serde(default)]
    #[schema(value_type = Option<i32>)]
    pub shelf_life_days: Patch<i32>,
    /// In the item's unit, or the new one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub low_stock_threshold: Patch<Quantity>,
    pub notes: Option<String>,
}

impl ItemPatchIn {
    pub(in crate::inventory) fn onto(self, item: &Item) -> Result<ItemChange, Problem> {
        let unit = self.unit.as_deref().map_or(Ok(item.unit()), wire::unit)?;
        let low = match self.low_stock_threshold {
            Patch::Set(low) => Patch::Set(wire::threshold(low, unit)?),
            Patch::Clear => Patch::Clear,
            Patch::Keep => Patch::Keep,
        };
        let name: Name = wire::name("name", self.name.as_deref().unwrap_or(&item.name))?;
        Ok(ItemChange {
            name,
            item_type: match self.r#type {
                Some(item_type) if item_type != item.item_type => not_product(item_type)?,
                _ => item.item_type,
            },
            unit,
            density: self.density.apply(item.density),
            category_id: self.category_id.apply(item.category_id),
            low_stock_threshold: low.apply(item.low_stock_threshold),
            shelf_life_days: shelf_life(self.shelf_life_days.apply(item.shelf_life_days))?,
            notes: self.notes.map_or_else(
                || Ok(item.notes.clone()),
                |notes| wire::note("notes", &notes),
            )?,
        })
    }
}

/// A category of ingredients.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryOut {
    pub id: i64,
    #[schema(example = "Oils (Carrier & Fixed)")]
    pub name: String,
    /// Grams per millilitre.
    #[schema(example = "0.92")]
    pub default_density: Option<String>,
}

impl CategoryOut {
    pub(in crate::inventory) fn of(category: Category) -> Self {
        Self {
            id: category.id,
            name: category.name,
            default_density: category.default_density.map(|density| density.to_string()),
        }
    }
}
