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
    outbox::{self, NewEvent},
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
    let mut events = Vec::with_capacity(receipts.len());
    for (at, receipt) in receipts.into_iter().enumerate() {
        let planned = plan(tx, &ledger, &before, receipt).map_err(|error| (at, error))?;
        let (draft, quantity, value, event) = planned;
        drafts.push(draft);
        parts.push((quantity, value));
        events.push(event);
    }
    // Two sums may each fit and not fit together.
    let mut totals: BTreeMap<ItemId, (Quantity, Money)> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        for (id, _, quantity, value) in &draft.changes {
            let item = ledger.item(*id).map_err(|error| (at, error))?;
            let sum = totals.entry(*id).or_insert((item.quantity, item.value));
            let quantity = sum.0.checked_add(*quantity);
            let value = sum.1.checked_add(*value).ok();
            let (Some(quantity), Some(value)) = (quantity, value) else {
                return Err((at, InventoryError::TooLarge));
            };
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

type Planned = (Draft, Quantity, Money, NewEvent);

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
    let event = adjusted(item, receipt.kind, quantity, value);
    Ok((draft, quantity, value, event))
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

pub(super) fn adjusted(item: &Item, kind: ActionKind, delta: Quantity, value: Money) -> NewEvent {
    let properties = json!({
        "change_type": kind,
        "quantity_delta": item.written(delta),
        "value": value,
        "unit": item.unit,
        "item_name": item.name,
        "item_type": item.item_type,
    });
    NewEvent::new(
        "inventory_adjusted",
        "inventory_item",
        item.id.get(),
        properties,
    )
}
