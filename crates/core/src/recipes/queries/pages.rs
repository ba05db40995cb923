//! Reads shaped like the pages that ask them, so that a page stays within its few statements.
use super::super::model::{Recipe, RecipeLine, RecipePage, StockedLine};
use crate::{
    inventory::Item,
    kernel::{Quantity, StoreError, ids::RecipeId},
    platform::OrgTx,
    schema::{inventory_items, product_categories, recipe_groups, recipe_lines, recipes},
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Timestamptz},
};
use diesel_async::RunQueryDsl;

/// A recipe with the names of what it belongs to.
pub async fn recipe_page(tx: &mut OrgTx, id: RecipeId) -> Result<Option<RecipePage>, StoreError> {
    let row: Option<(Recipe, String, String)> = recipes::table
        .inner_join(
            recipe_groups::table.on(recipe_groups::organization_id
                .eq(recipes::organization_id)
                .and(recipe_groups::id.eq(recipes::group_id))),
        )
        .inner_join(product_categories::table.on(product_categories::id.eq(recipes::category_id)))
        .filter(recipes::organization_id.eq(tx.organization()))
        .filter(recipes::id.eq(id))
        .select((
            Recipe::as_select(),
            recipe_groups::prefix,
            product_categories::name,
        ))
        .first(tx.conn())
        .await
        .optional()?;
    Ok(row.map(|(recipe, prefix, category)| RecipePage {
        recipe,
        prefix,
        category,
    }))
}

/// The lines of a recipe in the order they were written, each with what there is of its item and
/// how much of that has expired.
pub async fn stocked_lines(
    tx: &mut OrgTx,
    recipe: RecipeId,
) -> Result<Vec<StockedLine>, StoreError> {
    let expired = sql::<BigInt>(
        "(SELECT coalesce(sum(l.quantity), 0)::bigint FROM inventory_lots l
          WHERE l.organization_id = inventory_items.organization_id AND l.item_id = inventory_items.id
            AND l.has_stock AND l.expires_at <= ",
    )
    .bind::<Timestamptz, _>(tx.now())
    .sql(")");
    let rows: Vec<(RecipeLine, Item, Quantity)> = recipe_lines::table
        .inner_join(
            inventory_items::table.on(inventory_items::organization_id
                .eq(recipe_lines::organization_id)
                .and(inventory_items::id.eq(recipe_lines::item_id))),
        )
        .filter(recipe_lines::organization_id.eq(tx.organization()))
        .filter(recipe_lines::recipe_id.eq(recipe))
        .order(recipe_lines::position)
        .select((RecipeLine::as_select(), Item::as_select(), expired))
        .load(tx.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(line, item, expired)| StockedLine {
            line,
            item,
            expired,
        })
        .collect())
}
