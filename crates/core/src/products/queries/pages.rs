//! Reads shaped like the pages that ask them, so that a page stays within its few statements.
use super::{
    super::model::{Product, Sku, SkuStock},
    SkuRow, our_skus, stock,
};
use crate::{
    inventory::Item,
    kernel::{Cursor, Page, StoreError, ids::ProductId},
    platform::OrgTx,
    schema::{inventory_items, product_skus, product_variants, products},
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Bool},
};
use diesel_async::RunQueryDsl;

/// A product and its SKUs, oldest first.
pub async fn product_page(
    tx: &mut OrgTx,
    id: ProductId,
    most: u16,
) -> Result<Option<(Product, Vec<SkuStock>)>, StoreError> {
    type Row = (Product, Sku, String, String, Item);
    let rows: Vec<Row> = our_skus(tx.organization())
        .filter(product_skus::product_id.eq(id))
        .order(product_skus::id)
        .limit(i64::from(most))
        .select((
            Product::as_select(),
            Sku::as_select(),
            products::name,
            product_variants::name,
            Item::as_select(),
        ))
        .load(tx.conn())
        .await?;
    let mut of = None;
    let skus = rows
        .into_iter()
        .map(|(product, sku, name, variant, item)| {
            of.get_or_insert(product);
            stock((sku, name, variant, item))
        })
        .collect();
    match of {
        Some(product) => Ok(Some((product, skus))),
        None => Ok(super::product(tx, id).await?.map(|product| (product, skus))),
    }
}

/// SKUs that are out of stock, or at or under their threshold: the emptiest first, a page at a time.
pub async fn alerts(
    tx: &mut OrgTx,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<SkuStock>, StoreError> {
    let mut query = our_skus(tx.organization())
        .filter(products::is_discontinued.eq(false))
        .filter(inventory_items::archived_at.is_null())
        .filter(inventory_items::short_stock.is_not_null())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(
            sql::<Bool>("(inventory_items.short_stock, inventory_items.id) > (")
                .bind::<BigInt, _>(after.key.parse::<i64>().unwrap_or_default())
                .sql(", ")
                .bind::<BigInt, _>(after.id)
                .sql(")"),
        );
    }
    let rows: Vec<SkuRow> = query
        .order((inventory_items::short_stock, inventory_items::id))
        .limit(i64::from(limit) + 1)
        .select((
            Sku::as_select(),
            products::name,
            product_variants::name,
            Item::as_select(),
        ))
        .load(tx.conn())
        .await?;
    let rows = rows.into_iter().map(stock).collect();
    Ok(Page::of(rows, usize::from(limit), |row: &SkuStock| {
        Cursor {
            key: row.item.quantity.get().to_string(),
            id: row.item.id.get(),
        }
    }))
}
