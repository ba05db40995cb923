//! Many items at once, one statement each.
use super::{super::ops::NewItem, sums::keeping_sums};
use crate::{
    kernel::{StoreError, ids::ItemId},
    organizations::CostingMethod,
    platform::{OrgTx, prepared::statements},
};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

statements! {
    /// Without a density of its own an item gets its category's. In the order of the index, so that two of these that name the same items wait for each other
    /// and never for each other in a ring. What is there already is left out of the answer.
    InsertItems -> (BigInt, Text): concat!(
        "WITH before AS (SELECT NULL::bigint AS id, NULL AS type, false AS is_low, 0 AS value, false AS is_listed
             WHERE false),
         changed AS (
             INSERT INTO inventory_items (organization_id, name, type, dimension, unit, density, category_id,
                 global_item_id, shelf_life_days, low_stock_threshold, is_intermediate, notes, is_pooled, created_at,
                 created_by)
             SELECT $1, i.name, i.type, i.dimension, i.unit,
                 coalesce(i.density, (SELECT default_density FROM ingredient_categories c WHERE c.id = i.category_id)),
                 i.category_id, i.global_item_id,
                 i.shelf_life_days, i.low_stock_threshold, i.is_intermediate, i.notes,
                 (SELECT costing_method = $2 FROM organizations WHERE id = $1), $3, $4
             FROM (SELECT * FROM unnest($5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                 AS u (name, type, dimension, unit, density, category_id, global_item_id, shelf_life_days,
                     low_stock_threshold, is_intermediate, notes)
                 ORDER BY lower(u.name)) i
             ON CONFLICT DO NOTHING
             RETURNING id, name, type, is_low, value, true AS is_listed)",
        keeping_sums!(),
        " SELECT id, name FROM changed"
    );
}

/// The ids of those that could be created, by name.
pub(in super::super) async fn insert_items(
    tx: &mut OrgTx,
    items: &[NewItem],
) -> Result<BTreeMap<String, ItemId>, StoreError> {
    fn column<T>(items: &[NewItem], of: impl Fn(&NewItem) -> T) -> Vec<T> {
        items.iter().map(of).collect()
    }
    let created: Vec<(ItemId, String)> = InsertItems::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Text, _>(CostingMethod::Average)
        .bind::<Timestamptz, _>(tx.now())
        .bind::<Nullable<BigInt>, _>(tx.user())
        .bind::<Array<Text>, _>(column(items, |i| i.name.as_str().to_owned()))
        .bind::<Array<Text>, _>(column(items, |i| i.item_type))
        .bind::<Array<Text>, _>(column(items, |i| i.unit.dimension))
        .bind::<Array<Text>, _>(column(items, |i| i.unit.name))
        .bind::<Array<Nullable<BigInt>>, _>(column(items, |i| i.density))
        .bind::<Array<Nullable<BigInt>>, _>(column(items, |i| i.category_id))
        .bind::<Array<Nullable<BigInt>>, _>(column(items, |i| i.global_item_id))
        .bind::<Array<Nullable<Integer>>, _>(column(items, |i| i.shelf_life_days))
        .bind::<Array<Nullable<BigInt>>, _>(column(items, |i| i.low_stock_threshold))
        .bind::<Array<Bool>, _>(column(items, |i| i.is_intermediate))
        .bind::<Array<Text>, _>(column(items, |i| i.notes.clone()))
        .load(tx.conn())
        .await?;
    Ok(created.into_iter().map(|(id, name)| (name, id)).collect())
}
