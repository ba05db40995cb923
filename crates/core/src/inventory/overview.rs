use super::model::{ActionKind, ItemType};
use crate::kernel::{
    Density, Dimension, Money, Quantity, Unit,
    ids::{ActionId, BatchId, ItemId},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// The stock of an organisation at a glance.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The most valuable first.
    pub types: Vec<TypeTotals>,
    /// What runs low, the emptiest first.
    pub low: Vec<ItemBrief>,
    /// What was done last, newest first.
    pub recent: Vec<Activity>,
    pub has_sold: bool,
}

impl Overview {
    pub fn items(&self) -> i64 {
        self.types.iter().map(|t| t.items).sum()
    }
    pub fn running_low(&self) -> i64 {
        self.types.iter().map(|t| t.low).sum()
    }
    /// Of everything on hand.
    pub fn value(&self) -> Money {
        let micros = self
            .types
            .iter()
            .fold(0_i64, |sum, t| sum.saturating_add(t.value.get()));
        Money::micros(micros)
    }
}

/// Items of one type together.
#[derive(Debug, Clone, Deserialize)]
pub struct TypeTotals {
    pub item_type: ItemType,
    pub items: i64,
    pub low: i64,
    #[serde(deserialize_with = "money")]
    pub value: Money,
}

/// As much of an item as a short list needs.
#[derive(Debug, Clone, Deserialize)]
pub struct ItemBrief {
    pub id: ItemId,
    pub name: String,
    pub item_type: ItemType,
    pub dimension: Dimension,
    pub unit: String,
    density: Option<i64>,
    quantity: i64,
    threshold: i64,
}

impl ItemBrief {
    pub fn unit(&self) -> &'static Unit {
        Unit::find(&self.unit).unwrap_or_else(|| self.dimension.base())
    }
    /// What there is, in its own unit.
    pub fn on_hand(&self) -> Quantity {
        self.written(self.quantity)
    }
    /// What there should be at least, in its own unit.
    pub fn threshold(&self) -> Quantity {
        self.written(self.threshold)
    }
    fn written(&self, stock: i64) -> Quantity {
        let stock = Quantity::micros(stock);
        let density = self.density.and_then(|d| Density::micros(d).ok());
        self.unit()
            .from_base(stock, self.dimension, density)
            .unwrap_or(stock)
    }
}

/// A business action as a list of what happened shows it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each answers a question of its own"
)]
#[derive(Debug, Clone, Deserialize)]
pub struct Activity {
    pub id: ActionId,
    pub kind: ActionKind,
    pub recorded_at: DateTime<Utc>,
    pub batch_id: Option<BatchId>,
    pub is_reversal: bool,
    pub is_undone: bool,
    /// Whether nothing has happened to its batch since, where it has one.
    pub is_last_step: bool,
    /// Whether something was taken of a lot that it brought.
    pub is_used: bool,
    pub note: String,
    #[serde(deserialize_with = "maybe_money")]
    pub price: Option<Money>,
    /// How many items it moved, and the first of them.
    pub items: i64,
    pub item_id: Option<ItemId>,
    pub item_name: Option<String>,
    pub item_type: Option<ItemType>,
    /// Negative when it left the shelf.
    #[serde(deserialize_with = "money")]
    pub value: Money,
}

/// The database writes whole millionths.
fn money<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Money, D::Error> {
    i64::deserialize(from).map(Money::micros)
}

fn maybe_money<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Money>, D::Error> {
    Ok(Option::<i64>::deserialize(from)?.map(Money::micros))
}
