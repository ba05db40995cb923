//! What the templates of stock show, ready to print.
use crate::{
    figures::{self, Currency, Figure},
    times::{Moment, Times},
};
use batchtrack_core::{
    inventory::{ActionKind, HistoryRow, Item, ItemType, Lot},
    kernel::{Money, Quantity},
};
use chrono::{DateTime, Utc};

/// An item in the list.
pub(super) struct ItemRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) icon: &'static str,
    pub(super) sub: String,
    pub(super) on_hand: Figure,
    pub(super) expired: Option<Figure>,
    pub(super) value: Figure,
    pub(super) unit_cost: Option<Figure>,
    pub(super) state: &'static str,
}

impl ItemRow {
    pub(super) fn of(item: &Item, expired: Quantity, category: &str, money: &Currency) -> Self {
        let kind = type_title(item.item_type);
        let sub = match (item.is_intermediate, category) {
            (true, _) => "Made here".to_owned(),
            (false, "") => kind.to_owned(),
            (false, category) => format!("{kind} · {category}"),
        };
        Self {
            id: item.id.get(),
            name: item_name(item),
            icon: type_icon(item.item_type),
            sub,
            on_hand: figures::stock(item, item.quantity),
            expired: expired.is_positive().then(|| figures::stock(item, expired)),
            value: money.short(item.value),
            unit_cost: item.unit_cost().map(|cost| money.each(cost)),
            state: state(item, expired),
        }
    }
}

/// An item as its maker calls it.
pub(crate) fn item_name(item: &Item) -> String {
    name_of(item.item_type, &item.name)
}

/// The stock of a SKU is called `Product - Variant - Size`. What nobody chose goes without saying:
/// the variant `Base` and the size `Each`.
pub(crate) fn name_of(item_type: ItemType, name: &str) -> String {
    if item_type != ItemType::Product {
        return name.to_owned();
    }
    let plain = name.strip_suffix(" - Each").unwrap_or(name);
    let plain = plain.strip_suffix(" - Base").unwrap_or(plain);
    plain.replace(" - Base - ", " - ").replace(" - ", ", ")
}

/// How an item stands, for the badge.
pub(super) fn state(item: &Item, expired: Quantity) -> &'static str {
    if item.archived_at.is_some() {
        "archived"
    } else if !item.quantity.is_positive() {
        "out_of_stock"
    } else if expired >= item.quantity {
        "expired"
    } else if item.is_low() {
        "low_stock"
    } else {
        "ok"
    }
}

pub(crate) fn type_title(item_type: ItemType) -> &'static str {
    match item_type {
        ItemType::Ingredient => "Ingredient",
        ItemType::Container => "Container",
        ItemType::Packaging => "Packaging",
        ItemType::Consumable => "Consumable",
        ItemType::Product => "Product",
    }
}

pub(crate) fn type_icon(item_type: ItemType) -> &'static str {
    match item_type {
        ItemType::Ingredient => "droplet",
        ItemType::Container => "bottle",
        ItemType::Packaging => "box",
        ItemType::Consumable => "tool",
        ItemType::Product => "tag",
    }
}

/// A lot on the item's page.
pub(super) struct LotRow {
    pub(super) code: String,
    pub(super) received: Moment,
    pub(super) ago: String,
    pub(super) supplier: String,
    pub(super) batch: Option<i64>,
    pub(super) left: Figure,
    pub(super) received_quantity: Figure,
    pub(super) percent_left: i64,
    pub(super) value: Option<Figure>,
    pub(super) unit_cost: Option<Figure>,
    pub(super) expiry: Option<Expiry>,
}

/// How much of its life a lot has left.
pub(super) struct Expiry {
    pub(super) on: Moment,
    pub(super) percent_left: i64,
    pub(super) words: String,
    pub(super) tone: &'static str,
}

impl LotRow {
    pub(super) fn of(lot: &Lot, item: &Item, money: &Currency, times: &Times) -> Self {
        let each = batchtrack_core::kernel::quantity::mul_div_half_up(
            lot.received_value.get(),
            item.unit().one().get(),
            lot.received_quantity.get(),
        );
        Self {
            code: lot.code.clone(),
            received: times.day(lot.received_at),
            ago: times.ago(lot.received_at),
            supplier: lot.supplier.clone().unwrap_or_default(),
            batch: lot.batch_id.map(batchtrack_core::kernel::ids::BatchId::get),
            left: figures::stock(item, lot.quantity),
            received_quantity: figures::stock(item, lot.received_quantity),
            percent_left: figures::percent(lot.quantity.get(), lot.received_quantity.get()),
            // Under the average method the item holds the value, its lots do not.
            value: (!item.is_pooled).then(|| money.short(lot.value)),
            unit_cost: (!item.is_pooled)
                .then_some(each)
                .flatten()
                .map(|each| money.each(Money::micros(each))),
            expiry: lot
                .expires_at
                .map(|at| Expiry::of(lot.received_at, at, times)),
        }
    }
}

impl Expiry {
    fn of(received: DateTime<Utc>, at: DateTime<Utc>, times: &Times) -> Self {
        let now = times.now();
        let life = (at - received).num_hours();
        let left = (at - now).num_hours();
        let days = (at - now).num_days();
        let (words, tone) = match (left, days) {
            (..=0, _) => (format!("expired {}", times.ago(at)), "danger"),
            (_, 0) => ("expires within a day".to_owned(), "danger"),
            (_, 1) => ("1 day left".to_owned(), "danger"),
            (_, 2..=30) => (format!("{days} days left"), "warning"),
            (_, 31..=90) => (format!("{days} days left"), "success"),
            _ => (format!("{} months left", days / 30), "success"),
        };
        Self {
            on: times.day(at),
            percent_left: figures::percent(left.max(0), life),
            words,
            tone,
        }
    }
}

/// A movement in the item's history.
pub(super) struct HistoryView {
    pub(super) title: &'static str,
    pub(super) icon: &'static str,
    pub(super) at: Moment,
    pub(super) recorded_later: Option<Moment>,
    pub(super) lot: String,
    pub(super) quantity: Figure,
    pub(super) value: Figure,
    pub(super) note: String,
    pub(super) batch: Option<i64>,
    pub(super) is_undone: bool,
    /// Only at the first movement of an action, and only while it can be tried.
    pub(super) undo: Option<i64>,
}

impl HistoryView {
    /// Rows newest first; an action that moved several lots is undone at its first row. What
    /// brought a lot of which something is gone can't be undone: `whole` says which lots are.
    pub(super) fn list(
        rows: &[HistoryRow],
        item: &Item,
        (money, times): (&Currency, &Times),
        whole: impl Fn(&HistoryRow) -> bool,
    ) -> Vec<Self> {
        let mut last = None;
        rows.iter()
            .map(|row| {
                let first = last != Some(row.action.id);
                last = Some(row.action.id);
                let may = first && (!row.movement.quantity.is_positive() || whole(row));
                Self::of(row, item, (money, times), may)
            })
            .collect()
    }

    fn of(row: &HistoryRow, item: &Item, (money, times): (&Currency, &Times), may: bool) -> Self {
        let HistoryRow {
            movement,
            action,
            lot_code,
            undone_by,
        } = row;
        let may_undo = may
            && undone_by.is_none()
            && action.reverses_id.is_none()
            // A batch is undone step by step, from its own page.
            && !action.kind.is_of_batch()
            && action.kind != ActionKind::Revaluation;
        let plus = if movement.quantity.is_positive() {
            "+"
        } else {
            ""
        };
        let mut quantity = figures::stock(item, movement.quantity);
        quantity.text.insert_str(0, plus);
        quantity.exact.insert_str(0, plus);
        let late = movement.recorded_at - movement.effective_at > chrono::Duration::days(1);
        Self {
            title: action.kind.title(),
            icon: kind_icon(action.kind),
            at: times.happened(movement.effective_at),
            recorded_later: late.then(|| times.moment(movement.recorded_at)),
            lot: lot_code.clone(),
            quantity,
            value: money.short(movement.value),
            note: told(action),
            batch: action
                .batch_id
                .map(batchtrack_core::kernel::ids::BatchId::get),
            is_undone: undone_by.is_some(),
            undo: may_undo.then(|| action.id.get()),
        }
    }
}

/// Note, customer and order of an action in one line.
fn told(action: &batchtrack_core::inventory::Action) -> String {
    let order = action
        .order_number
        .as_ref()
        .map(|order| format!("order {order}"));
    [Some(action.note.clone()), action.customer.clone(), order]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

pub(crate) fn kind_icon(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::InitialStock | ActionKind::Restock | ActionKind::ManualAddition => {
            "truck-delivery"
        }
        ActionKind::Returned => "recycle",
        ActionKind::Use | ActionKind::Sample | ActionKind::Tester => "droplet",
        ActionKind::Sale => "cash",
        ActionKind::Gift | ActionKind::Donation => "gift",
        ActionKind::Spoil
        | ActionKind::Trash
        | ActionKind::Expired
        | ActionKind::Damaged
        | ActionKind::QualityFail => "trash",
        ActionKind::Recount => "clipboard-list",
        ActionKind::Revaluation => "coin",
        ActionKind::BatchStart | ActionKind::BatchExtra => "flask-2",
        ActionKind::BatchCompletion => "circle-check",
        ActionKind::BatchFailure => "circle-x",
        ActionKind::BatchCancellation => "ban",
        ActionKind::Reversal => "history",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stock_of_a_sku_goes_by_what_its_maker_chose() {
        let name = |name| name_of(ItemType::Product, name);
        assert_eq!(name("Lavender Bar - Base - Each"), "Lavender Bar");
        assert_eq!(name("Lavender Bar - Base - 4 oz"), "Lavender Bar, 4 oz");
        assert_eq!(name("Lavender Bar - Rose - Each"), "Lavender Bar, Rose");
        assert_eq!(
            name("Lavender Bar - Rose - 4 oz"),
            "Lavender Bar, Rose, 4 oz"
        );
        assert_eq!(name("Renamed"), "Renamed");
        assert_eq!(
            name_of(ItemType::Ingredient, "Oil - Base - Each"),
            "Oil - Base - Each"
        );
    }
}
