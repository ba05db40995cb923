use super::{
    super::{
        InventoryError,
        ledger::{Change, Draft, Ledger},
        model::{Action, ActionKind, Item, Lot, Movement},
        queries, rules,
    },
    Recorded,
};
use crate::{
    kernel::{
        Money, Quantity,
        ids::{ActionId, ItemId, LotId},
    },
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::BTreeMap;

/// Takes back one action: exactly its movements, at exactly their lots and values.
///
/// `kind` is `Reversal` for an undo, which says that the action never happened, so it takes effect
/// when the action did. A cancelled batch gives back what it took now.
pub async fn reverse(
    tx: &mut OrgTx,
    action: &Action,
    kind: ActionKind,
) -> Result<Recorded, InventoryError> {
    let mut recorded = reverse_many(tx, std::slice::from_ref(action), kind).await?;
    recorded.pop().ok_or(InventoryError::NoAction)
}

/// Takes back several actions, the newest first, in a constant number of statements.
#[tracing::instrument(name = "core.inventory.reverse", skip_all, fields(actions = actions.len()), err(level = "debug"))]
pub async fn reverse_many(
    tx: &mut OrgTx,
    actions: &[Action],
    kind: ActionKind,
) -> Result<Vec<Recorded>, InventoryError> {
    if actions.iter().any(|action| action.reverses_id.is_some()) {
        return Err(InventoryError::IsReversal);
    }
    let ids: Vec<ActionId> = actions.iter().map(|action| action.id).collect();
    let movements = queries::movements_of(tx, ids.clone()).await?;
    let mut items: Vec<ItemId> = movements.iter().map(|m| m.item_id).collect();
    items.sort_unstable();
    items.dedup();
    let ledger = Ledger::lock(tx, &items).await?;
    // Only now: whoever undid it first held the same items.
    if !queries::reversed_already(tx, ids.clone()).await?.is_empty() {
        return Err(InventoryError::AlreadyUndone);
    }
    let mut lots: Vec<LotId> = movements.iter().map(|m| m.lot_id).collect();
    lots.sort_unstable();
    lots.dedup();
    let mut lots = queries::lots_by_ids(tx, lots).await?;
    let mut pools: BTreeMap<ItemId, Item> = BTreeMap::new();
    for id in items {
        pools.insert(id, ledger.item(id)?.clone());
    }

    let pooled = pools
        .values()
        .filter(|item| item.is_pooled)
        .map(|item| item.id)
        .collect();
    let takings = queries::takings_since(tx, pooled, &ids).await?;

    let mut newest_first: Vec<&Action> = actions.iter().collect();
    newest_first.sort_by_key(|action| std::cmp::Reverse(action.id));
    let now = tx.now();
    let (mut drafts, mut parts) = (Vec::new(), Vec::new());
    for action in newest_first {
        let mut draft = Draft::new(kind, effective_at(action, kind, now));
        draft.reverses = Some(action.id);
        draft.batch = action.batch_id;
        draft.import = action.import_id;
        let (mut quantity, mut value) = (0_i64, 0_i64);
        for movement in movements.iter().rev().filter(|m| m.action_id == action.id) {
            // Whoever took from a pool since took part of the value this brought.
            let shared = takings
                .get(&movement.item_id)
                .filter(|taking| **taking > action.id);
            if let (true, Some(taking)) = (movement.quantity.is_positive(), shared) {
                let lot = lots
                    .get(&movement.lot_id)
                    .map_or_else(String::new, |lot| lot.code.clone());
                return Err(InventoryError::Depended {
                    lot,
                    action: *taking,
                });
            }
            if !take_back(&mut lots, &mut pools, movement) {
                return Err(depended(tx, &lots, action.id, movement).await?);
            }
            let change = Change::Existing(movement.lot_id);
            let (q, v) = (movement.quantity.opposite(), movement.value.opposite());
            draft.changes.push((movement.item_id, change, q, v));
            quantity = quantity.saturating_add(q.get());
            value = value.saturating_add(v.get());
        }
        parts.push((quantity.saturating_abs(), value.saturating_abs()));
        drafts.push(draft);
    }
    let events = actions.iter().map(reversed).collect();
    let done = ledger
        .record(tx, drafts)
        .await
        .map_err(taken_back_meanwhile)?;
    outbox::emit(tx, events).await?;
    Ok(done
        .into_iter()
        .zip(parts)
        .map(|(done, (quantity, value))| Recorded {
            action: done.action,
            lots: done.lots,
            quantity: Quantity::micros(quantity),
            value: Money::micros(value),
        })
        .collect())
}

fn effective_at(action: &Action, kind: ActionKind, now: DateTime<Utc>) -> DateTime<Utc> {
    if kind == ActionKind::Reversal {
        action.effective_at
    } else {
        now
    }
}

/// Applies the opposite of a movement in memory; `false` when lot or pool can't bear it.
fn take_back(
    lots: &mut BTreeMap<LotId, Lot>,
    pools: &mut BTreeMap<ItemId, Item>,
    movement: &Movement,
) -> bool {
    let (Some(lot), Some(item)) = (
        lots.get_mut(&movement.lot_id),
        pools.get_mut(&movement.item_id),
    ) else {
        return false;
    };
    let (quantity, value) = (movement.quantity.opposite(), movement.value.opposite());
    let own = if item.is_pooled { Money::ZERO } else { value };
    let Some(in_lot) = rules::bears(lot.quantity, lot.value, (quantity, own)) else {
        return false;
    };
    let Some(in_pool) = rules::bears(item.quantity, item.value, (quantity, value)) else {
        return false;
    };
    (lot.quantity, lot.value) = in_lot;
    (item.quantity, item.value) = in_pool;
    lot.quantity <= lot.received_quantity
}

/// Why `movement` can't be taken back: what used its lot since.
async fn depended(
    tx: &mut OrgTx,
    lots: &BTreeMap<LotId, Lot>,
    action: ActionId,
    movement: &Movement,
) -> Result<InventoryError, InventoryError> {
    let found = queries::used_since(tx, vec![movement.lot_id], action).await?;
    let (user, lot) = found.unwrap_or_else(|| {
        // Under the average method the pool, not the lot, may be what is short.
        let code = lots
            .get(&movement.lot_id)
            .map_or_else(String::new, |lot| lot.code.clone());
        (action, code)
    });
    Ok(InventoryError::Depended { lot, action: user })
}

/// Actions without movements hold no lock; the unique key on what they reverse decides then.
fn taken_back_meanwhile(error: InventoryError) -> InventoryError {
    match &error {
        InventoryError::Store(store)
            if store.constraint() == Some("inventory_actions_reverses_key") =>
        {
            InventoryError::AlreadyUndone
        }
        _ => error,
    }
}

fn reversed(action: &Action) -> NewEvent {
    let properties = json!({
        "kind": action.kind,
        "batch_id": action.batch_id,
        "import_id": action.import_id,
    });
    NewEvent::new(Event::InventoryActionReversed, action.id.get(), properties)
}
