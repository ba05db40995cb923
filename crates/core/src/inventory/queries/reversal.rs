//! What taking an action back has to know.
use super::{
    super::model::{Action, Lot, Movement},
    read::{our_actions, our_lots, our_movements},
};
use crate::{
    kernel::{
        StoreError,
        ids::{ActionId, ImportId, ItemId, LotId},
    },
    platform::{OrgTx, prepared::statements},
    schema::{inventory_actions, inventory_lots, inventory_movements},
};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Text},
};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

statements! {
    /// The newest movement of any of these lots after an action that nothing has taken back, and
    /// that is not itself such a taking back.
    UsedSince -> (BigInt, Text):
        "SELECT m.action_id, l.code FROM inventory_movements m
         JOIN inventory_actions a ON a.organization_id = m.organization_id AND a.id = m.action_id
         JOIN inventory_lots l ON l.organization_id = m.organization_id AND l.id = m.lot_id
         LEFT JOIN inventory_actions r ON r.organization_id = a.organization_id AND r.reverses_id = a.id
         WHERE m.organization_id = $1 AND m.lot_id = ANY($2) AND m.action_id > $3
           AND r.id IS NULL AND a.reverses_id IS NULL
         ORDER BY m.id DESC LIMIT 1";
    /// Of each item, the newest action that took from it and still stands, those of $3 left out.
    TakingsSince -> (BigInt, BigInt):
        "SELECT m.item_id, max(m.action_id) FROM inventory_movements m
         JOIN inventory_actions a ON a.organization_id = m.organization_id AND a.id = m.action_id
         LEFT JOIN inventory_actions r ON r.organization_id = a.organization_id AND r.reverses_id = a.id
         WHERE m.organization_id = $1 AND m.item_id = ANY($2) AND m.action_id <> ALL($3)
           AND m.action_id > $4 AND m.quantity < 0 AND r.id IS NULL AND a.reverses_id IS NULL
         GROUP BY m.item_id";
}

/// Joins what took an action back, as `$undo`, an alias of actions: null where nothing has.
macro_rules! joining_undo {
    ($undo:ident) => {
        $undo.on($undo
            .field($crate::schema::inventory_actions::organization_id)
            .eq($crate::schema::inventory_actions::organization_id)
            .and(
                $undo
                    .field($crate::schema::inventory_actions::reverses_id)
                    .eq($crate::schema::inventory_actions::id.nullable()),
            ))
    };
}
pub(crate) use joining_undo;

/// The actions that an import recorded and nothing has taken back, oldest first.
pub(crate) async fn actions_of_import(
    tx: &mut OrgTx,
    import: ImportId,
) -> Result<Vec<Action>, StoreError> {
    let undo = diesel::alias!(inventory_actions as undo);
    Ok(our_actions(tx.organization())
        .left_join(joining_undo!(undo))
        .filter(inventory_actions::import_id.eq(import))
        .filter(inventory_actions::reverses_id.is_null())
        .filter(undo.field(inventory_actions::id).is_null())
        .order(inventory_actions::id)
        .select(Action::as_select())
        .load(tx.conn())
        .await?)
}

/// Actions among `ids` that have been taken back already.
pub(crate) async fn reversed_already(
    tx: &mut OrgTx,
    ids: Vec<ActionId>,
) -> Result<Vec<ActionId>, StoreError> {
    let reversed: Vec<Option<ActionId>> = our_actions(tx.organization())
        .filter(inventory_actions::reverses_id.eq_any(ids))
        .select(inventory_actions::reverses_id)
        .load(tx.conn())
        .await?;
    Ok(reversed.into_iter().flatten().collect())
}

/// The movements of several actions, in the order they were recorded.
pub(in super::super) async fn movements_of(
    tx: &mut OrgTx,
    actions: Vec<ActionId>,
) -> Result<Vec<Movement>, StoreError> {
    Ok(our_movements(tx.organization())
        .filter(inventory_movements::action_id.eq_any(actions))
        .order(inventory_movements::id)
        .select(Movement::as_select())
        .load(tx.conn())
        .await?)
}

/// Locks lots in id order.
pub(in super::super) async fn lots_by_ids(
    tx: &mut OrgTx,
    ids: Vec<LotId>,
) -> Result<BTreeMap<LotId, Lot>, StoreError> {
    let lots: Vec<Lot> = our_lots(tx.organization())
        .filter(inventory_lots::id.eq_any(ids))
        .order(inventory_lots::id)
        .select(Lot::as_select())
        .for_no_key_update()
        .load(tx.conn())
        .await?;
    Ok(lots.into_iter().map(|lot| (lot.id, lot)).collect())
}

pub(in super::super) async fn used_since(
    tx: &mut OrgTx,
    lots: Vec<LotId>,
    action: ActionId,
) -> Result<Option<(ActionId, String)>, StoreError> {
    Ok(UsedSince::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(lots)
        .bind::<BigInt, _>(action)
        .get_result(tx.conn())
        .await
        .optional()?)
}

/// Of each pooled item, the newest action that took from its pool after the first of `actions`, is
/// none of them, and still stands.
pub(in super::super) async fn takings_since(
    tx: &mut OrgTx,
    pooled: Vec<ItemId>,
    actions: &[ActionId],
) -> Result<BTreeMap<ItemId, ActionId>, StoreError> {
    let Some(first) = actions.iter().min().copied().filter(|_| !pooled.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let rows: Vec<(ItemId, ActionId)> = TakingsSince::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(pooled)
        .bind::<Array<BigInt>, _>(actions.to_vec())
        .bind::<BigInt, _>(first)
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().collect())
}
