//! What `/api/v1` says and hears about products.
use crate::{
    problem::Problem,
    wire::{self, Costs},
};
use batchtrack_core::{
    kernel::{Money, Quantity, ids::SkuId, text::Name},
    products::{NewProduct, NewSku, Product, ProductSummary, Sale, SkuStock},
    recipes::ProductCategory,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ProductsQuery {
    /// 1 to 200; 50 when left out.
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Part of the name.
    pub search: Option<String>,
}

/// A product in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductOut {
    pub id: i64,
    #[schema(example = "Lavender Bar")]
    pub name: String,
    pub category_id: i64,
    pub category: String,
    pub is_discontinued: bool,
    /// How many SKUs it has.
    pub skus: i64,
    /// How many of them are at or under their threshold, or empty.
    pub low_skus: i64,
    /// Of all stock of it.
    pub value: Option<String>,
    pub created_at: DateTime<Utc>,
}

impl ProductOut {
    pub(super) fn of(row: ProductSummary, costs: Costs) -> Self {
        Self {
            id: row.product.id.get(),
            name: row.product.name,
            category_id: row.product.category_id,
            category: row.category,
            is_discontinued: row.product.is_discontinued,
            skus: row.skus,
            low_skus: row.low,
            value: costs.stock(row.value),
            created_at: row.product.created_at,
        }
    }
}

/// A product with its SKUs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductDetailOut {
    pub id: i64,
    pub name: String,
    pub category_id: i64,
    pub is_discontinued: bool,
    pub skus: Vec<SkuOut>,
    pub created_at: DateTime<Utc>,
}

impl ProductDetailOut {
    pub(super) fn of(product: Product, skus: &[SkuStock], costs: Costs) -> Self {
        Self {
            id: product.id.get(),
            name: product.name,
            category_id: product.category_id,
            is_discontinued: product.is_discontinued,
            skus: skus.iter().map(|sku| SkuOut::of(sku, costs)).collect(),
            created_at: product.created_at,
        }
    }
}

/// A variant of a product in one size: what is counted, priced and sold.
#[derive(Debug, Serialize, ToSchema)]
pub struct SkuOut {
    pub id: i64,
    #[schema(example = "LAV-BAS-EAC-7F3Q0A1B")]
    pub code: String,
    pub product_id: i64,
    pub product: String,
    #[schema(example = "Base")]
    pub variant: String,
    #[schema(example = "Each")]
    pub size_label: String,
    /// Of its stock: lots, history and adjustments are there.
    pub item_id: i64,
    /// On hand, in `unit`.
    pub quantity: String,
    pub unit: String,
    /// In millionths of the base unit, exactly.
    pub quantity_base: String,
    /// Of all that is on hand.
    pub value: Option<String>,
    /// Average value of one on hand.
    pub unit_cost: Option<String>,
    pub retail_price: Option<String>,
    pub low_stock_threshold: Option<String>,
    pub is_low: bool,
}

impl SkuOut {
    pub(super) fn of(stock: &SkuStock, costs: Costs) -> Self {
        let item = &stock.item;
        Self {
            id: stock.sku.id.get(),
            code: stock.sku.code.clone(),
            product_id: stock.sku.product_id.get(),
            product: stock.product.clone(),
            variant: stock.variant.clone(),
            size_label: stock.sku.size_label.clone(),
            item_id: item.id.get(),
            quantity: item.written(item.quantity).to_string(),
            unit: item.unit.clone(),
            quantity_base: item.quantity.get().to_string(),
            value: costs.stock(item.value),
            unit_cost: item.unit_cost().and_then(|cost| costs.stock(cost)),
            retail_price: stock.sku.retail_price.map(|price| price.to_string()),
            low_stock_threshold: item
                .low_stock_threshold
                .map(|low| item.written(low).to_string()),
            is_low: item.is_low(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProductIn {
    #[schema(example = "Lavender Bar")]
    pub name: String,
    /// Of `GET /api/v1/product-categories`; Uncategorized when left out.
    pub category_id: Option<i64>,
    /// Its first SKU: one size, counted in pieces, when left out.
    #[serde(default)]
    #[schema(value_type = Option<NewSkuIn>)]
    pub sku: NewSkuIn,
}

impl NewProductIn {
    pub(super) fn into_domain(self) -> Result<NewProduct, Problem> {
        Ok(NewProduct {
            name: wire::name("name", &self.name)?,
            category_id: self.category_id,
            sku: self.sku.into_domain()?,
        })
    }
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSkuIn {
    /// `Base` when left out.
    pub variant: Option<String>,
    /// `Each` when left out.
    #[schema(example = "4 oz bar")]
    pub size_label: Option<String>,
    /// What its stock is counted in; `count` when left out.
    #[schema(example = "count")]
    pub unit: Option<String>,
    /// Of one `unit`.
    #[schema(value_type = Option<String>, example = "8.50")]
    pub retail_price: Option<Money>,
    /// In `unit`.
    #[schema(value_type = Option<String>, example = "10")]
    pub low_stock_threshold: Option<Quantity>,
}

impl NewSkuIn {
    pub(super) fn into_domain(self) -> Result<NewSku, Problem> {
        const LONGEST_SIZE: usize = 64;
        let usual = NewSku::each();
        let unit = self.unit.as_deref().map_or(Ok(usual.unit), wire::unit)?;
        let size = wire::line("size_label", self.size_label.as_deref(), LONGEST_SIZE)?;
        let low = self
            .low_stock_threshold
            .map(|low| wire::threshold(low, unit));
        let name = |field, text: Option<String>, usual: Name| {
            text.map_or(Ok(usual), |text| wire::name(field, &text))
        };
        Ok(NewSku {
            variant: name("variant", self.variant, usual.variant)?,
            size_label: name("size_label", size, usual.size_label)?,
            unit,
            retail_price: self.retail_price,
            low_stock_threshold: low.transpose()?,
        })
    }
}

/// Stock of a SKU that a customer takes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaleIn {
    #[schema(value_type = String, example = "7")]
    pub quantity: Quantity,
    /// The SKU's own when left out.
    #[schema(example = "count")]
    pub unit: Option<String>,
    /// Paid for all of it. When left out, the SKU's price for each, if it has one.
    #[schema(value_type = Option<String>, example = "59.50")]
    pub price: Option<Money>,
    pub customer: Option<String>,
    pub order_number: Option<String>,
    #[serde(default)]
    pub note: String,
}

impl SaleIn {
    pub(super) fn into_domain(self, stock: &SkuStock) -> Result<Sale, Problem> {
        Ok(Sale {
            sku: SkuId::new(stock.sku.id.get()),
            amount: self.quantity,
            unit: self
                .unit
                .as_deref()
                .map_or(Ok(stock.item.unit()), wire::unit)?,
            price: self.price,
            customer: wire::line("customer", self.customer.as_deref(), 128)?,
            order_number: wire::line("order_number", self.order_number.as_deref(), 128)?,
            note: wire::note("note", &self.note)?,
        })
    }
}

/// What kind of thing is made.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductCategoryOut {
    pub id: i64,
    #[schema(example = "Soaps")]
    pub name: String,
    pub is_typically_portioned: bool,
}

impl ProductCategoryOut {
    pub(super) fn of(category: ProductCategory) -> Self {
        Self {
            id: category.id,
            name: category.name,
            is_typically_portioned: category.is_typically_portioned,
        }
    }
}
