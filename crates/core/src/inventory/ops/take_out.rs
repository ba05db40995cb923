use super::{
    super::{
        InventoryError,
        ledger::{self, Draft, Ledger, NewLot},
        model::ActionKind,
    },
    Recorded,
    receive::{Adjusted, stock_quantity},
};
use crate::{
    kernel::{Money, Quantity, Scale, Unit, ids::ItemId},
    outbox,
    platform::OrgTx,
};
use std::collections::BTreeMap;

/// Stock that goes out: used, sold, given away, thrown away, or counted and found different.
#[derive(Debug, Clone)]
pub struct Adjustment {
    pub item: ItemId,
    pub kind: ActionKind,
    /// In millionths of `unit`. For a recount: what was counted, which may be zero.
    pub amount: Quantity,
    pub unit: &'static Unit,
    pub note: String,
    pub customer: Option<String>,
    pub order_number: Option<String>,
    /// What was paid for all of it.
    pub price: Option<Money>,
}

/// Takes stock from the lots whose turn it is, or takes nothing. Consumption passes over expired
/// lots; disposal and recount do not.
#[tracing::instrument(name = "core.inventory.take_out", skip_all, fields(kind = %adjustment.kind), err(level = "debug"))]
pub async fn take_out(tx: &mut OrgTx, adjustment: Adjustment) -> Result<Recorded, InventoryError> {
    let kind = adjustment.kind;
    if !(kind.is_consumption() || kind.is_disposal() || kind == ActionKind::Recount) {
        return Err(InventoryError::WrongKind {
            kind: kind.as_str(),
        });
    }
    if adjustment.price.is_some_and(Money::is_negative) {
        return Err(InventoryError::NegativeCost);
    }
    let id = adjustment.item;
    let now = tx.now();
    let wanted = match super::super::queries::item(tx, id).await? {
        None => return Err(InventoryError::NoItem),
        // All of it may have to go: how much is known once the item is held.
        Some(_) if kind == ActionKind::Recount => Quantity::micros(i64::MAX),
        Some(item) => stock_quantity(&item, adjustment.amount, adjustment.unit, Scale::ONE)?,
    };
    let with_expired = !kind.is_consumption();
    let plan = BTreeMap::from([(id, wanted)]);
    let mut ledger = Ledger::lock_to_take(tx, &plan, now, with_expired).await?;
    let item = ledger.item(id)?.clone();

    let mut draft = Draft::new(kind, now);
    draft.note.clone_from(&adjustment.note);
    draft.customer = adjustment.customer;
    draft.order_number = adjustment.order_number;
    draft.price = adjustment.price;
    let (quantity, value, delta) = if kind == ActionKind::Recount {
        let counted = if adjustment.amount.is_zero() {
            Quantity::ZERO
        } else {
            stock_quantity(&item, adjustment.amount, adjustment.unit, Scale::ONE)?
        };
        let surplus = counted
            .checked_sub(item.quantity)
            .ok_or(InventoryError::TooLarge)?;
        match surplus.get() {
            0 => return Err(InventoryError::NothingToDo),
            1.. if item.archived_at.is_some() => {
                let name = item.name;
                return Err(InventoryError::Archived { name });
            }
            1.. => {
                let value = item.cost_of(surplus).unwrap_or(Money::ZERO);
                let lot = NewLot {
                    code: ledger::lot_code(),
                    received_at: now,
                    expires_at: None,
                    supplier: None,
                    batch: None,
                };
                draft.bring(id, lot, surplus, value);
                (surplus, value, surplus)
            }
            _ => {
                let missing = surplus.opposite();
                let value = draw(&mut ledger, &mut draft, id, missing)?;
                (missing, value, surplus)
            }
        }
    } else {
        let value = draw(&mut ledger, &mut draft, id, wanted)?;
        (wanted, value, wanted.opposite())
    };
    let done = ledger
        .record(tx, vec![draft])
        .await?
        .pop()
        .ok_or(InventoryError::NoItem)?;
    let adjusted = Adjusted {
        item: &item,
        kind,
        note: &adjustment.note,
        before: item.quantity,
        delta,
        value,
        cost: None,
    };
    outbox::emit(tx, vec![adjusted.event()]).await?;
    Ok(Recorded {
        action: done.action,
        lots: done.lots,
        quantity,
        value,
    })
}

/// Takes in memory and notes it on the draft; answers the value that went.
fn draw(
    ledger: &mut Ledger,
    draft: &mut Draft,
    item: ItemId,
    wanted: Quantity,
) -> Result<Money, InventoryError> {
    let draws = ledger.take(item, wanted)?;
    draft.draw(item, &draws);
    Ok(Money::sum(draws.iter().map(|draw| draw.value))?)
}
