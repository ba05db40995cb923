//! Locks and bulk writes: one statement each, however many rows.
use super::{
    super::{
        ledger::{Draft, NewLot},
        model::Item,
    },
    sums::{changing_items, keeping_sums},
};
use crate::{
    kernel::{
        Money, Quantity, StoreError,
        ids::{ActionId, ItemId, LotId},
    },
    platform::{OrgTx, prepared::statements},
};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

statements! {
    InsertActions -> (BigInt,):
        "INSERT INTO inventory_actions (organization_id, kind, effective_at, recorded_at, recorded_by,
             reverses_id, batch_id, import_id, note, customer, order_number, price)
         SELECT $1, a.kind, a.effective_at, $2, $3, a.reverses_id, a.batch_id, a.import_id, a.note, a.customer,
             a.order_number, a.price
         FROM (SELECT * FROM unnest($4, $5, $6, $7, $8, $9, $10, $11, $12) WITH ORDINALITY
             AS a (kind, effective_at, reverses_id, batch_id, import_id, note, customer, order_number, price, n)
             ORDER BY n) a
         RETURNING id";
    InsertLots -> (BigInt, Text):
        "INSERT INTO inventory_lots (organization_id, item_id, action_id, code, received_quantity,
             received_value, quantity, value, received_at, expires_at, supplier, batch_id)
         SELECT $1, l.item_id, l.action_id, l.code, l.quantity, l.value, l.quantity,
             CASE WHEN l.pooled THEN 0 ELSE l.value END, l.received_at, l.expires_at, l.supplier, l.batch_id
         FROM (SELECT * FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11) WITH ORDINALITY
             AS l (item_id, action_id, code, quantity, value, pooled, received_at, expires_at, supplier, batch_id, n)
             ORDER BY n) l
         RETURNING id, code";
    InsertMovements:
        "INSERT INTO inventory_movements (organization_id, action_id, item_id, lot_id, quantity, value,
             effective_at, recorded_at)
         SELECT $1, m.action_id, m.item_id, m.lot_id, m.quantity, m.value, m.effective_at, $2
         FROM (SELECT * FROM unnest($3, $4, $5, $6, $7, $8) WITH ORDINALITY
             AS m (action_id, item_id, lot_id, quantity, value, effective_at, n)
             ORDER BY n) m";
    ApplyToLots:
        "UPDATE inventory_lots l SET quantity = l.quantity + d.quantity, value = l.value + d.value
         FROM unnest($2, $3, $4) AS d (lot_id, quantity, value)
         WHERE l.organization_id = $1 AND l.id = d.lot_id";
    /// Stock never hides in the archive: what comes back to an archived item brings it back too.
    ApplyToItems: changing_items!(
        "$2",
        "quantity = i.quantity + d.quantity, value = i.value + d.value,
             archived_at = CASE WHEN i.quantity + d.quantity > 0 THEN NULL ELSE i.archived_at END",
        " JOIN unnest($2, $3, $4) AS d (item_id, quantity, value) ON d.item_id = b.id"
    );
    UpdateItem: changing_items!(
        "ARRAY[$2]",
        "name = $3, unit = $4, density = $5, category_id = $6, low_stock_threshold = $7, shelf_life_days = $8,
             notes = $9, type = $10",
        ""
    );
    SetArchived: changing_items!("$2", "archived_at = $3", "");
}

/// Ids in the order of `drafts`: identities are handed out in the order of the rows.
pub(in super::super) async fn insert_actions(
    tx: &mut OrgTx,
    drafts: &[Draft],
) -> Result<Vec<ActionId>, StoreError> {
    fn column<T>(drafts: &[Draft], of: impl Fn(&Draft) -> T) -> Vec<T> {
        drafts.iter().map(of).collect()
    }
    let mut ids: Vec<(ActionId,)> = InsertActions::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Timestamptz, _>(tx.now())
        .bind::<Nullable<BigInt>, _>(tx.user())
        .bind::<Array<Text>, _>(column(drafts, |d| d.kind))
        .bind::<Array<Timestamptz>, _>(column(drafts, |d| d.effective_at))
        .bind::<Array<Nullable<BigInt>>, _>(column(drafts, |d| d.reverses))
        .bind::<Array<Nullable<BigInt>>, _>(column(drafts, |d| d.batch))
        .bind::<Array<Nullable<BigInt>>, _>(column(drafts, |d| d.import))
        .bind::<Array<Text>, _>(column(drafts, |d| d.note.clone()))
        .bind::<Array<Nullable<Text>>, _>(column(drafts, |d| d.customer.clone()))
        .bind::<Array<Nullable<Text>>, _>(column(drafts, |d| d.order_number.clone()))
        .bind::<Array<Nullable<BigInt>>, _>(column(drafts, |d| d.price))
        .load(tx.conn())
        .await?;
    ids.sort_unstable();
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Lots to insert, column by column.
#[derive(Default)]
pub(in super::super) struct LotRows {
    items: Vec<ItemId>,
    actions: Vec<ActionId>,
    codes: Vec<String>,
    quantities: Vec<Quantity>,
    values: Vec<Money>,
    pooled: Vec<bool>,
    received_at: Vec<DateTime<Utc>>,
    expires_at: Vec<Option<DateTime<Utc>>>,
    suppliers: Vec<Option<String>>,
    batches: Vec<Option<crate::kernel::ids::BatchId>>,
}

impl LotRows {
    pub(in super::super) fn push(
        &mut self,
        item: ItemId,
        action: ActionId,
        lot: &NewLot,
        quantity: Quantity,
        value: Money,
        pooled: bool,
    ) {
        self.items.push(item);
        self.actions.push(action);
        self.codes.push(lot.code.clone());
        self.quantities.push(quantity);
        self.values.push(value);
        self.pooled.push(pooled);
        self.received_at.push(lot.received_at);
        self.expires_at.push(lot.expires_at);
        self.suppliers.push(lot.supplier.clone());
        self.batches.push(lot.batch);
    }
}

/// Ids in the order in which the lots were pushed.
pub(in super::super) async fn insert_lots(
    tx: &mut OrgTx,
    rows: LotRows,
) -> Result<Vec<LotId>, StoreError> {
    if rows.items.is_empty() {
        return Ok(Vec::new());
    }
    let codes = rows.codes.clone();
    let inserted: Vec<(LotId, String)> = InsertLots::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(rows.items)
        .bind::<Array<BigInt>, _>(rows.actions)
        .bind::<Array<Text>, _>(rows.codes)
        .bind::<Array<BigInt>, _>(rows.quantities)
        .bind::<Array<BigInt>, _>(rows.values)
        .bind::<Array<Bool>, _>(rows.pooled)
        .bind::<Array<Timestamptz>, _>(rows.received_at)
        .bind::<Array<Nullable<Timestamptz>>, _>(rows.expires_at)
        .bind::<Array<Nullable<Text>>, _>(rows.suppliers)
        .bind::<Array<Nullable<BigInt>>, _>(rows.batches)
        .load(tx.conn())
        .await?;
    let by_code: BTreeMap<String, LotId> =
        inserted.into_iter().map(|(id, code)| (code, id)).collect();
    Ok(codes
        .iter()
        .filter_map(|code| by_code.get(code).copied())
        .collect())
}

/// Movements to insert, and what they add up to per lot and item.
#[derive(Default)]
pub(in super::super) struct MovementRows {
    actions: Vec<ActionId>,
    items: Vec<ItemId>,
    lots: Vec<Option<LotId>>,
    quantities: Vec<Quantity>,
    values: Vec<Money>,
    effective_at: Vec<DateTime<Utc>>,
    per_lot: BTreeMap<LotId, (i64, i64)>,
    per_item: BTreeMap<ItemId, (i64, i64)>,
}

impl MovementRows {
    #[expect(clippy::too_many_arguments, reason = "one argument per column")]
    pub(in super::super) fn push(
        &mut self,
        action: ActionId,
        item: ItemId,
        lot: Option<LotId>,
        quantity: Quantity,
        value: Money,
        effective_at: DateTime<Utc>,
        pooled: bool,
    ) {
        self.actions.push(action);
        self.items.push(item);
        self.lots.push(lot);
        self.quantities.push(quantity);
        self.values.push(value);
        self.effective_at.push(effective_at);
        let add = |sum: &mut (i64, i64), value: i64| {
            sum.0 = sum.0.saturating_add(quantity.get());
            sum.1 = sum.1.saturating_add(value);
        };
        add(self.per_item.entry(item).or_default(), value.get());
        if let Some(lot) = lot {
            let own = if pooled { 0 } else { value.get() };
            add(self.per_lot.entry(lot).or_default(), own);
        }
    }

    /// What the actions change about each item; at the ends of `i64` when it does not fit.
    pub(in super::super) fn per_item(&self) -> impl Iterator<Item = (ItemId, i64, i64)> {
        self.per_item
            .iter()
            .map(|(item, (quantity, value))| (*item, *quantity, *value))
    }

    /// Fills in the ids of lots that did not have one; says which action brought which.
    pub(in super::super) fn name_new_lots(
        &mut self,
        brought: Vec<LotId>,
    ) -> Vec<(ActionId, LotId)> {
        let mut brought = brought.into_iter();
        let mut named = Vec::new();
        for (lot, action) in self.lots.iter_mut().zip(&self.actions) {
            if lot.is_none() {
                *lot = brought.next();
                named.extend(lot.map(|lot| (*action, lot)));
            }
        }
        named
    }
}

pub(in super::super) async fn insert_movements(
    tx: &mut OrgTx,
    rows: &MovementRows,
) -> Result<(), StoreError> {
    if rows.items.is_empty() {
        return Ok(());
    }
    let lots: Vec<LotId> = rows.lots.iter().filter_map(|lot| *lot).collect();
    InsertMovements::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Timestamptz, _>(tx.now())
        .bind::<Array<BigInt>, _>(rows.actions.clone())
        .bind::<Array<BigInt>, _>(rows.items.clone())
        .bind::<Array<BigInt>, _>(lots)
        .bind::<Array<BigInt>, _>(rows.quantities.clone())
        .bind::<Array<BigInt>, _>(rows.values.clone())
        .bind::<Array<Timestamptz>, _>(rows.effective_at.clone())
        .execute(tx.conn())
        .await?;
    Ok(())
}

fn columns<I: Copy>(sums: &BTreeMap<I, (i64, i64)>) -> (Vec<I>, Vec<i64>, Vec<i64>) {
    let ids = sums.keys().copied().collect();
    let (quantities, values) = sums.values().copied().unzip();
    (ids, quantities, values)
}

pub(in super::super) async fn apply_to_lots(
    tx: &mut OrgTx,
    rows: &MovementRows,
) -> Result<(), StoreError> {
    let (ids, quantities, values) = columns(&rows.per_lot);
    if ids.is_empty() {
        return Ok(());
    }
    ApplyToLots::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<BigInt>, _>(quantities)
        .bind::<Array<BigInt>, _>(values)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in super::super) async fn apply_to_items(
    tx: &mut OrgTx,
    rows: &MovementRows,
) -> Result<(), StoreError> {
    let (ids, quantities, values) = columns(&rows.per_item);
    if ids.is_empty() {
        return Ok(());
    }
    ApplyToItems::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<BigInt>, _>(quantities)
        .bind::<Array<BigInt>, _>(values)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in super::super) async fn update_item(tx: &mut OrgTx, item: &Item) -> Result<(), StoreError> {
    UpdateItem::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<BigInt, _>(item.id)
        .bind::<Text, _>(item.name.clone())
        .bind::<Text, _>(item.unit.clone())
        .bind::<Nullable<BigInt>, _>(item.density)
        .bind::<Nullable<BigInt>, _>(item.category_id)
        .bind::<Nullable<BigInt>, _>(item.low_stock_threshold)
        .bind::<Nullable<diesel::sql_types::Integer>, _>(item.shelf_life_days)
        .bind::<Text, _>(item.notes.clone())
        .bind::<Text, _>(item.item_type)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Puts items into the archive, or takes them out.
pub(in super::super) async fn set_archived(
    tx: &mut OrgTx,
    ids: Vec<ItemId>,
    at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    SetArchived::prepared()
        .bind::<BigInt, _>(tx.organization())
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Nullable<Timestamptz>, _>(at)
        .execute(tx.conn())
        .await?;
    Ok(())
}
