//! What is written about products; their stock is the ledger's.
use super::lower;
use crate::{
    kernel::{
        Money, StoreError,
        ids::{ItemId, OrganizationId, ProductId, SkuId, VariantId},
    },
    platform::OrgTx,
    recipes::ProductCategory,
    schema::{product_categories, product_skus, product_variants, products},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// `None` when the name is taken; a transaction that is just taking it is waited for.
pub(in super::super) async fn insert_product(
    tx: &mut OrgTx,
    name: &str,
    category: i64,
) -> Result<Option<ProductId>, StoreError> {
    let row = (
        products::organization_id.eq(tx.organization()),
        products::name.eq(name),
        products::category_id.eq(category),
        products::created_at.eq(tx.now()),
        products::created_by.eq(tx.user()),
    );
    Ok(diesel::insert_into(products::table)
        .values(row)
        .on_conflict_do_nothing()
        .returning(products::id)
        .get_result(tx.conn())
        .await
        .optional()?)
}

pub(in super::super) async fn variant(
    tx: &mut OrgTx,
    product: ProductId,
    name: &str,
) -> Result<Option<(VariantId, String)>, StoreError> {
    Ok(product_variants::table
        .filter(product_variants::organization_id.eq(tx.organization()))
        .filter(product_variants::product_id.eq(product))
        .filter(lower(product_variants::name).eq(lower(name)))
        .select((product_variants::id, product_variants::name))
        .first(tx.conn())
        .await
        .optional()?)
}

/// `None` when there is one of that name; a transaction that is just adding it is waited for.
pub(in super::super) async fn insert_variant(
    tx: &mut OrgTx,
    product: ProductId,
    name: &str,
) -> Result<Option<VariantId>, StoreError> {
    let row = (
        product_variants::organization_id.eq(tx.organization()),
        product_variants::product_id.eq(product),
        product_variants::name.eq(name),
        product_variants::created_at.eq(tx.now()),
    );
    Ok(diesel::insert_into(product_variants::table)
        .values(row)
        .on_conflict_do_nothing()
        .returning(product_variants::id)
        .get_result(tx.conn())
        .await
        .optional()?)
}

#[derive(Insertable)]
#[diesel(table_name = product_skus)]
pub(in super::super) struct SkuInsert<'a> {
    pub(in super::super) organization_id: OrganizationId,
    pub(in super::super) product_id: ProductId,
    pub(in super::super) variant_id: VariantId,
    pub(in super::super) item_id: ItemId,
    pub(in super::super) size_label: &'a str,
    pub(in super::super) code: &'a str,
    pub(in super::super) retail_price: Option<Money>,
    pub(in super::super) created_at: chrono::DateTime<chrono::Utc>,
}

pub(in super::super) async fn insert_sku(
    tx: &mut OrgTx,
    row: &SkuInsert<'_>,
) -> Result<SkuId, StoreError> {
    Ok(diesel::insert_into(product_skus::table)
        .values(row)
        .returning(product_skus::id)
        .get_result(tx.conn())
        .await?)
}

/// Whether a product category exists; without an id, the one for what has none.
pub(in super::super) async fn category(
    tx: &mut OrgTx,
    id: Option<i64>,
) -> Result<Option<i64>, StoreError> {
    let mut query = product_categories::table
        .select(product_categories::id)
        .into_boxed();
    query = match id {
        Some(id) => query.filter(product_categories::id.eq(id)),
        None => query.filter(product_categories::name.eq(ProductCategory::DEFAULT)),
    };
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Whether there is such a SKU; `None` takes its price away.
pub(in super::super) async fn update_price(
    tx: &mut OrgTx,
    id: SkuId,
    price: Option<Money>,
) -> Result<bool, StoreError> {
    let changed = diesel::update(product_skus::table)
        .filter(product_skus::organization_id.eq(tx.organization()))
        .filter(product_skus::id.eq(id))
        .set(product_skus::retail_price.eq(price))
        .execute(tx.conn())
        .await?;
    Ok(changed > 0)
}
