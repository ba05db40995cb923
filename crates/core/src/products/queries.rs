mod pages;
mod write;

pub use self::pages::{alerts, product_page};
pub(super) use self::write::{
    SkuInsert, category, insert_product, insert_sku, insert_variant, update_price, variant,
};
use super::model::{Product, ProductSummary, Sku, SkuStock};
use crate::{
    inventory::Item,
    kernel::{
        Cursor, Money, Page, StoreError,
        ids::{ItemId, OrganizationId, ProductId, SkuId},
    },
    platform::{OrgTx, prepared::statements},
    schema::{inventory_items, product_categories, product_skus, product_variants, products},
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Bool, Integer, Text},
};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

diesel::define_sql_function! { fn lower(text: Text) -> Text; }

#[diesel::dsl::auto_type]
fn our_products(organization: OrganizationId) -> _ {
    products::table.filter(products::organization_id.eq(organization))
}

/// SKUs with their names and stock.
#[diesel::dsl::auto_type]
fn our_skus(organization: OrganizationId) -> _ {
    product_skus::table
        .inner_join(
            products::table.on(products::organization_id
                .eq(product_skus::organization_id)
                .and(products::id.eq(product_skus::product_id))),
        )
        .inner_join(
            product_variants::table.on(product_variants::organization_id
                .eq(product_skus::organization_id)
                .and(product_variants::id.eq(product_skus::variant_id))),
        )
        .inner_join(
            inventory_items::table.on(inventory_items::organization_id
                .eq(product_skus::organization_id)
                .and(inventory_items::id.eq(product_skus::item_id))),
        )
        .filter(product_skus::organization_id.eq(organization))
}

type SkuRow = (Sku, String, String, Item);

fn stock((sku, product, variant, item): SkuRow) -> SkuStock {
    SkuStock {
        sku,
        product,
        variant,
        item,
    }
}

pub async fn product(tx: &mut OrgTx, id: ProductId) -> Result<Option<Product>, StoreError> {
    Ok(our_products(tx.organization())
        .filter(products::id.eq(id))
        .select(Product::as_select())
        .first(tx.conn())
        .await
        .optional()?)
}

/// Finds a product by its name in any case.
pub async fn product_by_name(tx: &mut OrgTx, name: &str) -> Result<Option<Product>, StoreError> {
    Ok(our_products(tx.organization())
        .filter(products::name_key.eq(lower(name)))
        .select(Product::as_select())
        .first(tx.conn())
        .await
        .optional()?)
}

/// Products by name, a page at a time.
pub async fn list(
    tx: &mut OrgTx,
    search: Option<&str>,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<ProductSummary>, StoreError> {
    let mut query = our_products(tx.organization())
        .inner_join(product_categories::table.on(product_categories::id.eq(products::category_id)))
        .into_boxed();
    if let Some(wanted) = search {
        query = query.filter(
            sql::<Bool>("products.id = ANY(ARRAY(SELECT search_products(")
                .bind::<Text, _>(wanted.to_owned())
                .sql(", 300)))"),
        );
    }
    if let Some(after) = after {
        query = query.filter(
            sql::<Bool>("(products.name_key, products.id) > (lower(")
                .bind::<Text, _>(after.key.clone())
                .sql("), ")
                .bind::<BigInt, _>(after.id)
                .sql(")"),
        );
    }
    let rows: Vec<(Product, String)> = query
        .order((products::name_key, products::id))
        .limit(i64::from(limit) + 1)
        .select((Product::as_select(), product_categories::name))
        .load(tx.conn())
        .await?;
    let page = Page::of(rows, usize::from(limit), |(product, _)| Cursor {
        key: product.name.clone(),
        id: product.id.get(),
    });
    let mut sums = sums(
        tx,
        page.rows.iter().map(|(product, _)| product.id).collect(),
    )
    .await?;
    Ok(page.map(|(product, category)| {
        let (skus, low, counted, value) = sums.remove(&product.id).unwrap_or_default();
        ProductSummary {
            product,
            category,
            skus,
            low,
            counted,
            value,
        }
    }))
}

statements! {
    Sums -> (BigInt, BigInt, BigInt, BigInt, BigInt):
        "SELECT k.product_id, count(*),
             count(*) FILTER (WHERE i.quantity <= coalesce(i.low_stock_threshold, 0)),
             least(coalesce(sum(i.quantity) FILTER (WHERE i.dimension = 'count'), 0), 9223372036854775807)::bigint,
             least(coalesce(sum(i.value), 0), 9223372036854775807)::bigint
         FROM product_skus k
         JOIN inventory_items i ON i.organization_id = k.organization_id AND i.id = k.item_id
         WHERE k.organization_id = $1 AND k.product_id = ANY($2)
         GROUP BY k.product_id";
    /// The items that hold their stock bear their full names.
    Search -> (BigInt,): "SELECT search_inventory_items($1, '{product}', false, $2)";
}

type Sum = (i64, i64, i64, Money);

async fn sums(
    tx: &mut OrgTx,
    products: Vec<ProductId>,
) -> Result<BTreeMap<ProductId, Sum>, StoreError> {
    let rows: Vec<(ProductId, i64, i64, i64, Money)> = Sums::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<diesel::sql_types::Array<BigInt>, _>(products)
        .load(tx.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, skus, low, counted, value)| (id, (skus, low, counted, value)))
        .collect())
}

/// The SKUs of a product, or of all products, oldest first.
pub async fn skus(
    tx: &mut OrgTx,
    product: Option<ProductId>,
    limit: u16,
) -> Result<Vec<SkuStock>, StoreError> {
    let mut query = our_skus(tx.organization()).into_boxed();
    if let Some(product) = product {
        query = query.filter(product_skus::product_id.eq(product));
    }
    let rows: Vec<SkuRow> = query
        .order(product_skus::id)
        .limit(i64::from(limit))
        .select((
            Sku::as_select(),
            products::name,
            product_variants::name,
            Item::as_select(),
        ))
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().map(stock).collect())
}

pub async fn sku(tx: &mut OrgTx, id: SkuId) -> Result<Option<SkuStock>, StoreError> {
    let row: Option<SkuRow> = our_skus(tx.organization())
        .filter(product_skus::id.eq(id))
        .select((
            Sku::as_select(),
            products::name,
            product_variants::name,
            Item::as_select(),
        ))
        .first(tx.conn())
        .await
        .optional()?;
    Ok(row.map(stock))
}

pub async fn sku_of_item(tx: &mut OrgTx, item: ItemId) -> Result<Option<SkuStock>, StoreError> {
    let row: Option<SkuRow> = our_skus(tx.organization())
        .filter(product_skus::item_id.eq(item))
        .select((
            Sku::as_select(),
            products::name,
            product_variants::name,
            Item::as_select(),
        ))
        .first(tx.conn())
        .await
        .optional()?;
    Ok(row.map(stock))
}

/// The first `most` products that are still made, by name: ids and names.
pub async fn names(tx: &mut OrgTx, most: u16) -> Result<Vec<(ProductId, String)>, StoreError> {
    Ok(our_products(tx.organization())
        .filter(products::is_discontinued.eq(false))
        .order((products::name_key, products::id))
        .limit(i64::from(most))
        .select((products::id, products::name))
        .load(tx.conn())
        .await?)
}

/// The items that hold the stock of these products' SKUs.
pub async fn items_of(tx: &mut OrgTx, products: Vec<ProductId>) -> Result<Vec<ItemId>, StoreError> {
    Ok(product_skus::table
        .filter(product_skus::organization_id.eq(tx.organization()))
        .filter(product_skus::product_id.eq_any(products))
        .order(product_skus::item_id)
        .select(product_skus::item_id)
        .load(tx.conn())
        .await?)
}

/// SKUs whose full name contains `text`, shortest names first.
pub async fn search(tx: &mut OrgTx, text: &str, most: i32) -> Result<Vec<SkuStock>, StoreError> {
    let ids: Vec<(ItemId,)> = Search::prepared()
        .bind::<Text, _>(text.to_owned())
        .bind::<Integer, _>(most)
        .load(tx.conn())
        .await?;
    let ids: Vec<ItemId> = ids.into_iter().map(|(id,)| id).collect();
    let rows: Vec<SkuRow> = our_skus(tx.organization())
        .filter(product_skus::item_id.eq_any(ids.clone()))
        .select((
            Sku::as_select(),
            products::name,
            product_variants::name,
            Item::as_select(),
        ))
        .load(tx.conn())
        .await?;
    let mut found: BTreeMap<ItemId, SkuStock> =
        rows.into_iter().map(|row| (row.3.id, stock(row))).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// SKUs at or under `multiplier` (in millionths) times their threshold, the emptiest first.
pub async fn low_stock(
    tx: &mut OrgTx,
    multiplier: i64,
    limit: u16,
) -> Result<Vec<SkuStock>, StoreError> {
    // Chosen before the joins: those that are watched are few, and an index knows them.
    let emptiest = sql::<Bool>(
        "product_skus.item_id = ANY(ARRAY(SELECT i.id FROM inventory_items i
          WHERE i.type = 'product' AND i.low_stock_threshold > 0
            AND i.quantity::numeric * 1000000 <= i.low_stock_threshold::numeric * ",
    )
    .bind::<BigInt, _>(multiplier)
    .sql(" AND i.organization_id = ")
    .bind::<BigInt, _>(tx.organization())
    .sql(" ORDER BY i.quantity, i.id LIMIT ")
    .bind::<BigInt, _>(i64::from(limit))
    .sql("))");
    let rows: Vec<SkuRow> = our_skus(tx.organization())
        .filter(emptiest)
        .order((inventory_items::quantity, product_skus::id))
        .limit(i64::from(limit))
        .select((
            Sku::as_select(),
            products::name,
            product_variants::name,
            Item::as_select(),
        ))
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().map(stock).collect())
}
