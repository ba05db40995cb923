//! The one way stock changes: lock the items and lots, plan in memory, record in bulk.
//!
//! However many lines an action has, it costs the same number of statements: two to lock, four to
//! record. Locks are taken on items in id order and then on their lots in id order, by everybody.
use super::{
    InventoryError,
    model::{ActionKind, Item},
    queries,
    rules::{Draw, LotBalance, Stock},
};
use crate::{
    kernel::{
        Money, Quantity,
        ids::{ActionId, BatchId, ImportId, ItemId, LotId},
    },
    organizations::CostingMethod,
    platform::OrgTx,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Items held until the end of the transaction, with the lots that may be taken from.
pub(crate) struct Ledger {
    items: BTreeMap<ItemId, Held>,
}

struct Held {
    item: Item,
    stock: Stock,
}

/// A lot that an action brings.
#[derive(Debug, Clone)]
pub(crate) struct NewLot {
    pub(crate) code: String,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) supplier: Option<String>,
    pub(crate) batch: Option<BatchId>,
}

/// What an action does to one lot.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Existing(LotId),
    New(NewLot),
}

/// An action about to be recorded, with its changes of lots.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) kind: ActionKind,
    pub(crate) effective_at: DateTime<Utc>,
    pub(crate) reverses: Option<ActionId>,
    pub(crate) batch: Option<BatchId>,
    pub(crate) import: Option<ImportId>,
    pub(crate) note: String,
    pub(crate) customer: Option<String>,
    pub(crate) order_number: Option<String>,
    pub(crate) price: Option<Money>,
    pub(crate) changes: Vec<(ItemId, Change, Quantity, Money)>,
}

impl Draft {
    pub(crate) fn new(kind: ActionKind, effective_at: DateTime<Utc>) -> Self {
        Self {
            kind,
            effective_at,
            reverses: None,
            batch: None,
            import: None,
            note: String::new(),
            customer: None,
            order_number: None,
            price: None,
            changes: Vec::new(),
        }
    }

    pub(crate) fn draw(&mut self, item: ItemId, draws: &[Draw]) {
        self.changes.extend(draws.iter().map(|draw| {
            let change = Change::Existing(draw.lot);
            (
                item,
                change,
                draw.quantity.opposite(),
                draw.value.opposite(),
            )
        }));
    }

    pub(crate) fn bring(&mut self, item: ItemId, lot: NewLot, quantity: Quantity, value: Money) {
        self.changes.push((item, Change::New(lot), quantity, value));
    }
}

/// An action as it was recorded: its id, and the ids of the lots it brought, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) action: ActionId,
    pub(crate) lots: Vec<LotId>,
}

impl Ledger {
    /// Locks `items` without their lots, to bring stock or to change what they are.
    pub(crate) async fn lock(tx: &mut OrgTx, items: &[ItemId]) -> Result<Self, InventoryError> {
        let (items, _) = queries::lock_items(tx, items).await?;
        Ok(Self::hold(items))
    }

    /// Locks items and, of each, as many lots as hold `wanted` at `at` in the order of the
    /// organisation's costing method; expired lots only when `with_expired`.
    pub(crate) async fn lock_to_take(
        tx: &mut OrgTx,
        wanted: &BTreeMap<ItemId, Quantity>,
        at: DateTime<Utc>,
        with_expired: bool,
    ) -> Result<Self, InventoryError> {
        let ids: Vec<ItemId> = wanted.keys().copied().collect();
        let (items, method) = queries::lock_items(tx, &ids).await?;
        let mut ledger = Self::hold(items);
        let lots = queries::lock_lots_to_take(tx, wanted, at, with_expired, method).await?;
        ledger.add_lots(lots, method);
        Ok(ledger)
    }

    /// Holds nothing: for actions that move no stock.
    pub(crate) const fn none() -> Self {
        Self {
            items: BTreeMap::new(),
        }
    }

    fn hold(items: Vec<Item>) -> Self {
        let items = items
            .into_iter()
            .map(|item| {
                let stock = Stock {
                    quantity: item.quantity,
                    value: item.value,
                    is_pooled: item.is_pooled,
                    lots: Vec::new(),
                };
                (item.id, Held { item, stock })
            })
            .collect();
        Self { items }
    }

    fn add_lots(&mut self, lots: Vec<(ItemId, LotBalance)>, method: CostingMethod) {
        for (item, lot) in lots {
            if let Some(held) = self.items.get_mut(&item) {
                held.stock.lots.push(lot);
            }
        }
        for held in self.items.values_mut() {
            held.stock.sort(method);
        }
    }

    /// The item as it stood when it was locked.
    pub(crate) fn item(&self, id: ItemId) -> Result<&Item, InventoryError> {
        self.items
            .get(&id)
            .map(|held| &held.item)
            .ok_or(InventoryError::NoItem)
    }

    pub(crate) fn available(&self, id: ItemId) -> Quantity {
        self.items
            .get(&id)
            .map_or(Quantity::ZERO, |held| held.stock.available())
    }

    /// Takes `wanted` of an item in memory; nothing is written until [`record`].
    pub(crate) fn take(
        &mut self,
        id: ItemId,
        wanted: Quantity,
    ) -> Result<Vec<Draw>, InventoryError> {
        let held = self.items.get_mut(&id).ok_or(InventoryError::NoItem)?;
        held.stock
            .take(wanted)
            .map_err(|available| InventoryError::Short {
                item: id,
                name: held.item.name.clone(),
                wanted: held.item.written(wanted).to_string(),
                available: held.item.written(available).to_string(),
                unit: held.item.unit.clone(),
                wanted_base: wanted.get(),
                available_base: available.get(),
            })
    }

    /// Writes the actions, their lots and movements, and the new balances: four statements, or
    /// fewer where there is nothing to say. Answers in the order of `drafts`.
    pub(crate) async fn record(
        self,
        tx: &mut OrgTx,
        drafts: Vec<Draft>,
    ) -> Result<Vec<Done>, InventoryError> {
        let actions = queries::insert_actions(tx, &drafts).await?;
        let mut rows = queries::MovementRows::default();
        let mut lots = queries::LotRows::default();
        let mut done = Vec::with_capacity(drafts.len());
        for (draft, action) in drafts.iter().zip(actions) {
            done.push(Done {
                action,
                lots: Vec::new(),
            });
            for (item, change, quantity, value) in &draft.changes {
                let pooled = self.items.get(item).is_some_and(|held| held.item.is_pooled);
                let lot = match change {
                    Change::Existing(lot) => Some(*lot),
                    Change::New(lot) => {
                        lots.push(*item, action, lot, *quantity, *value, pooled);
                        None
                    }
                };
                rows.push(
                    action,
                    *item,
                    lot,
                    *quantity,
                    *value,
                    draft.effective_at,
                    pooled,
                );
            }
        }
        for (item, quantity, value) in rows.per_item() {
            let now = self.item(item)?;
            let fits = quantity != i64::MAX
                && value != i64::MAX
                && now
                    .quantity
                    .checked_add(Quantity::micros(quantity))
                    .is_some()
                && now.value.checked_add(Money::micros(value)).is_ok();
            if !fits {
                return Err(InventoryError::TooLarge);
            }
        }
        let brought = queries::insert_lots(tx, lots).await?;
        for (action, lot) in rows.name_new_lots(brought) {
            if let Some(done) = done.iter_mut().find(|done| done.action == action) {
                done.lots.push(lot);
            }
        }
        queries::insert_movements(tx, &rows).await?;
        queries::apply_to_lots(tx, &rows).await?;
        queries::apply_to_items(tx, &rows).await?;
        Ok(done)
    }
}

/// A lot code that people can read out: `LOT-` and ten letters and digits, none that look alike.
pub(super) fn lot_code() -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut random = [0_u8; 10];
    getrandom::fill(&mut random).expect("the system has randomness");
    let letters = random
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter));
    "LOT-".chars().chain(letters).collect()
}
