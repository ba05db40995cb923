//! Many items at once, one statement each.
use super::super::ops::NewItem;
use crate::{
    kernel::{Density, StoreError, ids::ItemId},
    platform::{OrgTx, prepared::statements},
};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

statements! {
    /// In the order of the index, so that two of these that name the same items wait for each other
    /// and never for each other in a ring. What is there already is left out of the answer.
    InsertItems -> (BigInt, Text):
        "INSERT INTO inventory_items (organization_id, name, type, dimension, unit, density, category_id,
             global_item_id, shelf_life_days, low_stock_threshold, is_intermediate, notes, is_pooled, created_at,
             created_by)
         SELECT $1, i.name, i.type, i.dimension, i.unit, i.density, i.category_id, i.global_item_id,
             i.shelf_life_days, i.low_stock_threshold, i.is_intermediate, i.notes, $2, $3, $4
         FROM (SELECT * FROM unnest($5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
             AS u (name, type, dimension, unit, density, category_id, global_item_id, shelf_life_days,
                 low_stock_threshold, is_intermediate, notes)
             ORDER BY lower(u.name)) i
         ON CONFLICT DO NOTHING
         RETURNING id, name";
    RestoreItems: "UPDATE inventory_items SET archived_at = NULL WHERE organization_id = $1 AND id = ANY($2)";
}

/// The ids of those that could be created, by name.
pub(in super::super) async fn insert_items(
    tx: &mut OrgTx,
    items: &[NewItem],
    densities: Vec<Option<Density>>,
    pooled: bool,
) -> Result<BTreeMap<String, ItemId>, StoreError> {
    fn column<T>(items: &[NewItem], of: impl Fn(&NewItem) -> T) -> Vec<T> {
        items.iter().map(of).collect()
    }
    let created: Vec<(ItemId, String)> = InsertItems::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Bool, _>(pooled)
        .bind::<Timestamptz, _>(tx.now())
        .bind::<Nullable<BigInt>, _>(tx.user())
        .bind::<Array<Text>, _>(column(items, |i| i.name.as_str().to_owned()))
        .bind::<Array<Text>, _>(column(items, |i| i.item_type))
        .bind::<Array<Text>, _>(column(items, |i| i.unit.dimension))
        .bind::<Array<Text>, _>(column(items, |i| i.unit.name))
        .bind::<Array<Nullable<BigInt>>, _>(densities)
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

pub(in super::super) async fn restore_items(
    tx: &mut OrgTx,
    ids: Vec<ItemId>,
) -> Result<(), StoreError> {
    RestoreItems::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(ids)
        .execute(tx.conn())
        .await?;
    Ok(())
}
