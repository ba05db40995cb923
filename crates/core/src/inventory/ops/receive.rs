use super::{
    super::{
        InventoryError,
        ledger::{self, Draft, Ledger, NewLot},
        model::{ActionKind, CostEntry, Item},
        queries,
    },
    Recorded,
};
use crate::{
    kernel::{
        Money, Quantity, Scale, Unit,
        ids::{ImportId, ItemId},
        quantity,
    },
    outbox::{self, Event, NewEvent},
    platform::OrgTx,
};
use chrono::{DateTime, Datelike as _, Days, Utc};
use serde_json::json;
use std::collections::BTreeMap;

/// Stock that came in: one lot.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub item: ItemId,
    pub kind: ActionKind,
    /// In millionths of `unit`.
    pub amount: Quantity,
    pub unit: &'static Unit,
    pub cost: CostEntry,
    /// When it came; `None` is now. Never in the future.
    pub received_at: Option<DateTime<Utc>>,
    /// `None` follows from the item's shelf life, if it has one.
    pub expires_at: Option<DateTime<Utc>>,
    pub supplier: Option<String>,
    pub note: String,
    pub import: Option<ImportId>,
}

/// Puts one parcel on the shelf.
pub async fn receive(tx: &mut OrgTx, receipt: Receipt) -> Result<Recorded, InventoryError> {
    let mut recorded = receive_many(tx, vec![receipt])
        .await
        .map_err(|(_, error)| error)?;
    recorded.pop().ok_or(InventoryError::NoItem)
}

/// Puts several parcels on the shelf, each an action of its own, in a constant number of
/// statements. An error says which of the receipts it concerns, counted from zero.
#[tracing::instrument(name = "core.inventory.receive", skip_all, fields(receipts = receipts.len()))]
pub async fn receive_many(
    tx: &mut OrgTx,
    receipts: Vec<Receipt>,
) -> Result<Vec<Recorded>, (usize, InventoryError)> {
    let first = |error: InventoryError| (0, error);
    let mut ids: Vec<ItemId> = receipts.iter().map(|receipt| receipt.item).collect();
    ids.sort_unstable();
    ids.dedup();
    let ledger = Ledger::lock(tx, &ids).await.map_err(first)?;

    // Receipts "at the cost as before" of an item with nothing on hand look at its last lot.
    let mut before = BTreeMap::new();
    for receipt in receipts.iter().filter(|r| r.cost == CostEntry::AsBefore) {
        if let Ok(item) = ledger.item(receipt.item)
            && item.quantity.is_zero()
        {
            let last = queries::last_unit_value(tx, item.id)
                .await
                .map_err(|e| first(e.into()))?;
            before.insert(item.id, last);
        }
    }

    let mut drafts = Vec::with_capacity(receipts.len());
    let mut parts = Vec::with_capacity(receipts.len());
    let mut costs = Vec::with_capacity(receipts.len());
    for (at, receipt) in receipts.into_iter().enumerate() {
        let planned = plan(tx, &ledger, &before, receipt).map_err(|error| (at, error))?;
        let (draft, quantity, value, cost) = planned;
        drafts.push(draft);
        parts.push((quantity, value));
        costs.push(cost);
    }
    // Two sums may each fit and not fit together.
    let mut totals: BTreeMap<ItemId, (Quantity, Money)> = BTreeMap::new();
    let mut events = Vec::with_capacity(drafts.len());
    for ((at, draft), cost) in drafts.iter().enumerate().zip(costs) {
        for (id, _, delta, gain) in &draft.changes {
            let item = ledger.item(*id).map_err(|error| (at, error))?;
            let sum = totals.entry(*id).or_insert((item.quantity, item.value));
            let quantity = sum.0.checked_add(*delta);
            let value = sum.1.checked_add(*gain).ok();
            let (Some(quantity), Some(value)) = (quantity, value) else {
                return Err((at, InventoryError::TooLarge));
            };
            let adjusted = Adjusted {
                item,
                kind: draft.kind,
                note: &draft.note,
                before: sum.0,
                delta: *delta,
                value: *gain,
                cost,
            };
            events.push(adjusted.event());
            *sum = (quantity, value);
        }
    }
    let done = ledger.record(tx, drafts).await.map_err(first)?;
    outbox::emit(tx, events)
        .await
        .map_err(|e| first(e.into()))?;
    Ok(done
        .into_iter()
        .zip(parts)
        .map(|(done, (quantity, value))| Recorded {
            action: done.action,
            lots: done.lots,
            quantity,
            value,
        })
        .collect())
}

/// Refuses years that nobody means, and that the database might not keep.
pub(crate) fn real_date(at: DateTime<Utc>) -> Result<(), InventoryError> {
    if (1900..=9999).contains(&at.year()) {
        Ok(())
    } else {
        Err(InventoryError::BadDate)
    }
}

/// The last is what it was said to cost.
type Planned = (Draft, Quantity, Money, Option<Money>);

fn plan(
    tx: &OrgTx,
    ledger: &Ledger,
    before: &BTreeMap<ItemId, Option<(Money, Quantity)>>,
    receipt: Receipt,
) -> Result<Planned, InventoryError> {
    let item = ledger.item(receipt.item)?;
    if item.archived_at.is_some() {
        let name = item.name.clone();
        return Err(InventoryError::Archived { name });
    }
    if !receipt.kind.is_addition() {
        return Err(InventoryError::WrongKind {
            kind: receipt.kind.as_str(),
        });
    }
    let quantity = stock_quantity(item, receipt.amount, receipt.unit, Scale::ONE)?;
    if matches!(receipt.cost, CostEntry::Total(cost) | CostEntry::PerUnit(cost) if cost.is_negative())
    {
        return Err(InventoryError::NegativeCost);
    }
    let value = match receipt.cost {
        CostEntry::Total(value) => value,
        CostEntry::PerUnit(cost) => cost.times(receipt.amount.get())?,
        CostEntry::AsBefore => cost_as_before(item, before, quantity)?,
    };
    let received_at = receipt.received_at.unwrap_or_else(|| tx.now());
    if received_at > tx.now() {
        return Err(InventoryError::InTheFuture);
    }
    let shelf_life = item
        .shelf_life_days
        .and_then(|days| u64::try_from(days).ok());
    let expires_at = receipt
        .expires_at
        .or_else(|| received_at.checked_add_days(Days::new(shelf_life?)));
    real_date(received_at)?;
    receipt.expires_at.map_or(Ok(()), real_date)?;
    if expires_at.is_some_and(|at| at <= received_at) {
        return Err(InventoryError::ExpiresBeforeReceipt);
    }
    let mut draft = Draft::new(receipt.kind, received_at);
    draft.import = receipt.import;
    draft.note = receipt.note;
    let lot = NewLot {
        code: ledger::lot_code(),
        received_at,
        expires_at,
        supplier: receipt.supplier,
        batch: None,
    };
    draft.bring(item.id, lot, quantity, value);
    let cost = (receipt.cost != CostEntry::AsBefore).then_some(value);
    Ok((draft, quantity, value, cost))
}

/// `amount` of `unit` times `scale`, as stock of `item`: above zero.
pub(crate) fn stock_quantity(
    item: &Item,
    amount: Quantity,
    unit: &Unit,
    scale: Scale,
) -> Result<Quantity, InventoryError> {
    if !amount.is_positive() {
        return Err(InventoryError::NotPositive);
    }
    let quantity = unit
        .to_base(amount, scale, item.dimension, item.density)
        .map_err(|source| InventoryError::Conversion {
            item: Some(item.id),
            name: item.name.clone(),
            source,
        })?;
    if quantity.is_positive() {
        Ok(quantity)
    } else {
        Err(InventoryError::TooSmall)
    }
}

fn cost_as_before(
    item: &Item,
    before: &BTreeMap<ItemId, Option<(Money, Quantity)>>,
    quantity: Quantity,
) -> Result<Money, InventoryError> {
    let (value, of) = if item.quantity.is_positive() {
        (item.value, item.quantity)
    } else {
        match before.get(&item.id).copied().flatten() {
            Some(last) => last,
            None => return Ok(Money::ZERO),
        }
    };
    quantity::mul_div_half_up(value.get(), quantity.get(), of.get())
        .map(Money::micros)
        .ok_or(InventoryError::TooLarge)
}

/// What the books say of one change of an item's stock.
pub(super) struct Adjusted<'a> {
    pub(super) item: &'a Item,
    pub(super) kind: ActionKind,
    pub(super) note: &'a str,
    /// What there was of it until then; like `delta` in millionths of the base unit.
    pub(super) before: Quantity,
    pub(super) delta: Quantity,
    pub(super) value: Money,
    /// What somebody said it cost, rather than what it costs on average.
    pub(super) cost: Option<Money>,
}

impl Adjusted<'_> {
    pub(super) fn event(&self) -> NewEvent {
        let Self { item, kind, .. } = *self;
        let after = self.before.checked_add(self.delta).unwrap_or(self.before);
        let properties = json!({
            "change_type": kind,
            "quantity_delta": item.written(self.delta),
            "original_quantity": item.written(self.before),
            "new_quantity": item.written(after),
            "unit": item.unit,
            "value": self.value,
            "cost_override": self.cost,
            "notes": self.note,
            "item_name": item.name,
            "item_type": item.item_type,
            "batch_id": null,
            "is_initial_stock": kind == ActionKind::InitialStock,
        });
        NewEvent::new(Event::InventoryAdjusted, item.id.get(), properties)
    }
}
