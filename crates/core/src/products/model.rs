use crate::{
    inventory::Item,
    kernel::{
        Money,
        ids::{ItemId, ProductId, SkuId, VariantId},
    },
    schema::{product_skus, products},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Something sold, in one or more variants and sizes.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = products, check_for_backend(diesel::pg::Pg))]
pub struct Product {
    pub id: ProductId,
    pub name: String,
    pub category_id: i64,
    pub is_discontinued: bool,
    pub created_at: DateTime<Utc>,
}

/// A variant in one size: what is counted, priced and sold.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = product_skus, check_for_backend(diesel::pg::Pg))]
pub struct Sku {
    pub id: SkuId,
    pub product_id: ProductId,
    pub variant_id: VariantId,
    pub item_id: ItemId,
    pub size_label: String,
    pub code: String,
    pub retail_price: Option<Money>,
}

/// A SKU with its names and its stock.
#[derive(Debug, Clone)]
pub struct SkuStock {
    pub sku: Sku,
    pub product: String,
    pub variant: String,
    pub item: Item,
}

/// A product in a list.
#[derive(Debug, Clone)]
pub struct ProductSummary {
    pub product: Product,
    pub category: String,
    pub skus: i64,
    /// SKUs at or under their threshold, or empty.
    pub low: i64,
    /// Stock of SKUs that are counted, in millionths of one.
    pub counted: i64,
    pub value: Money,
}
