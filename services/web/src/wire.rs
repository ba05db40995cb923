//! What the JSON surfaces share: lists, amounts, and the small doors from text to domain types.
use crate::problem::Problem;
use batchtrack_core::{
    inventory::{InventoryError, Item, Recorded},
    kernel::{
        Cursor, Money, Page, Quantity, Unit,
        text::{self, BadText, Name},
    },
    organizations::Grants,
    tiers::Permission,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt::Display;
use utoipa::ToSchema;

/// Which costs whoever asks may see; others are `null` to them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Costs {
    of_stock: bool,
    of_batches: bool,
}

impl Costs {
    pub(crate) fn of(grants: &Grants) -> Self {
        Self {
            of_stock: grants.allows(Permission::InventoryViewCosts),
            of_batches: grants.allows(Permission::BatchesViewCosts),
        }
    }

    /// What something in stock is worth.
    pub(crate) fn stock(self, amount: Money) -> Option<String> {
        self.of_stock.then(|| amount.to_string())
    }

    /// What went into a batch or came of it.
    pub(crate) fn batch(self, amount: Money) -> Option<String> {
        self.of_batches.then(|| amount.to_string())
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    pub data: Vec<T>,
    /// Send it as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Listed<T> {
    pub(crate) fn page<U>(page: Page<U>, of: impl FnMut(U) -> T) -> Self {
        let next_cursor = page.next.as_ref().map(ToString::to_string);
        Self {
            data: page.rows.into_iter().map(of).collect(),
            next_cursor,
        }
    }

    /// A list that is short by nature.
    pub(crate) fn whole(data: Vec<T>) -> Self {
        Self {
            data,
            next_cursor: None,
        }
    }
}

/// A lot, by its id.
#[derive(Debug, Serialize, ToSchema)]
pub struct LotRef {
    pub id: i64,
}

/// An action on stock as it was recorded. Quantity and value are positive, whichever way they went.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedOut {
    /// Of the action: `POST /api/v1/actions/{id}/undo` takes it back.
    pub action_id: i64,
    pub item_id: i64,
    /// The lots it brought, if any.
    pub lots: Vec<LotRef>,
    /// In `unit`.
    #[schema(example = "15875.72")]
    pub quantity: String,
    #[schema(example = "gram")]
    pub unit: String,
    /// In millionths of the base unit, exactly.
    #[schema(example = "15875720000")]
    pub quantity_base: String,
    #[schema(example = "148.75")]
    pub value: Option<String>,
}

impl RecordedOut {
    pub(crate) fn of(recorded: &Recorded, item: &Item, costs: Costs) -> Self {
        Self {
            action_id: recorded.action.get(),
            item_id: item.id.get(),
            lots: recorded
                .lots
                .iter()
                .map(|lot| LotRef { id: lot.get() })
                .collect(),
            quantity: item.written(recorded.quantity).to_string(),
            unit: item.unit.clone(),
            quantity_base: recorded.quantity.get().to_string(),
            value: costs.stock(recorded.value),
        }
    }

    pub(crate) fn location(&self) -> String {
        format!("/api/v1/actions/{}", self.action_id)
    }
}

/// A field of a partial change: left out, `null`, or a value.
#[derive(Debug, Clone, Default)]
pub enum Patch<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    pub(crate) fn apply(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(new) => Some(new),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Clear, Self::Set))
    }
}

const USUAL_LIMIT: u16 = 50;
const MOST: u16 = 200;

/// How many rows to answer.
pub(crate) fn limit(asked: Option<u16>) -> Result<u16, Problem> {
    match asked {
        None => Ok(USUAL_LIMIT),
        Some(limit @ 1..=MOST) => Ok(limit),
        Some(_) => Err(Problem::malformed(
            "request.bad_limit",
            format!("The limit lies between 1 and {MOST}."),
        )
        .field("limit", format!("Enter 1 to {MOST}."))),
    }
}

/// Where a list goes on.
pub(crate) fn cursor(text: Option<&str>) -> Result<Option<Cursor>, Problem> {
    filled(text)
        .map(|text| {
            text.parse().map_err(|_damaged| {
                Problem::malformed(
                    "request.bad_cursor",
                    "This cursor is damaged. Take next_cursor of the page before as it is, or start without one.",
                )
                .field("cursor", "Not a cursor.")
            })
        })
        .transpose()
}

pub(crate) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Search words: nothing that a database can't keep, and no longer than any name.
pub(crate) fn search(text: Option<&str>) -> Option<String> {
    let text = filled(text)?;
    (!text.contains('\0')).then(|| text.chars().take(Name::MOST).collect())
}

fn bad_text(field: &'static str, error: &BadText) -> Problem {
    let detail = format!("“{field}” {error}.");
    Problem::invalid("request.bad_text", detail.clone()).field(field, detail)
}

pub(crate) fn name(field: &'static str, text: &str) -> Result<Name, Problem> {
    text.parse().map_err(|error| bad_text(field, &error))
}

/// One line that may be left out.
pub(crate) fn line(
    field: &'static str,
    text: Option<&str>,
    most: usize,
) -> Result<Option<String>, Problem> {
    filled(text)
        .map(|text| text::line(text, most).map_err(|error| bad_text(field, &error)))
        .transpose()
}

/// Some lines that may be left out.
pub(crate) fn note(field: &'static str, text: &str) -> Result<String, Problem> {
    const MOST: usize = 10_000;
    text::note(text, MOST).map_err(|error| bad_text(field, &error))
}

pub(crate) fn unit(text: &str) -> Result<&'static Unit, Problem> {
    const LONGEST: usize = 64;
    Unit::find(text).ok_or_else(|| {
        // What can't be read can't be said back either.
        let shown = text
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST)
            .collect();
        InventoryError::UnknownUnit(shown).into()
    })
}

/// A threshold of stock, written in `unit`.
pub(crate) fn threshold(written: Quantity, unit: &Unit) -> Result<Quantity, Problem> {
    let field = "low_stock_threshold";
    if written < Quantity::ZERO {
        let detail = "The threshold must not be negative.";
        return Err(Problem::invalid("inventory.bad_threshold", detail).field(field, detail));
    }
    unit.to_base(
        written,
        batchtrack_core::kernel::Scale::ONE,
        unit.dimension,
        None,
    )
    .map_err(|_too_large| InventoryError::TooLarge.into())
}

/// A JSON number for the endpoints whose contract wants one; everywhere else amounts are text.
pub(crate) fn number(decimal: impl Display) -> serde_json::Value {
    serde_json::from_str(&decimal.to_string()).unwrap_or_default()
}
