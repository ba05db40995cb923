//! Rows of a file of purchases as receipts. Pure: what exists is handed in.
use super::{
    model::Field,
    sheet::{Row, Sheet, moment},
};
use crate::{
    inventory::{Category, CostEntry, Item, ItemType},
    kernel::{
        Density, Dimension, Money, Quantity, Scale, Unit,
        text::{self, Name},
    },
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// One row, understood.
pub(super) struct Purchase {
    pub(super) line: u64,
    /// The item's name in lower case.
    pub(super) item: String,
    pub(super) amount: Quantity,
    pub(super) unit: &'static Unit,
    pub(super) cost: CostEntry,
    pub(super) received_at: Option<DateTime<Utc>>,
    pub(super) expires_at: Option<DateTime<Utc>>,
    pub(super) supplier: Option<String>,
    pub(super) note: String,
}

/// An item that the file names and nobody has yet.
pub(super) struct Unborn {
    pub(super) name: Name,
    pub(super) item_type: ItemType,
    pub(super) category_id: Option<i64>,
    pub(super) unit: &'static Unit,
    pub(super) density: Option<Density>,
}

pub(super) struct Plan {
    pub(super) purchases: Vec<Purchase>,
    /// By name in lower case.
    pub(super) unborn: BTreeMap<String, Unborn>,
}

/// Reads all rows and notes all that is wrong with them; rows with errors are left out.
pub(super) fn plan(
    sheet: &mut Sheet,
    existing: &BTreeMap<String, Item>,
    categories: &[Category],
    now: DateTime<Utc>,
) -> Plan {
    let rows = std::mem::take(&mut sheet.rows);
    let mut plan = Plan {
        purchases: Vec::new(),
        unborn: BTreeMap::new(),
    };
    let densities = densities(&rows);
    for row in &rows {
        let known = Known {
            existing,
            categories,
            densities: &densities,
            now,
        };
        if let Some(purchase) = read(sheet, row, &known, &mut plan.unborn) {
            plan.purchases.push(purchase);
        }
    }
    sheet.rows = rows;
    plan
}

/// What a row is read against.
struct Known<'a> {
    existing: &'a BTreeMap<String, Item>,
    categories: &'a [Category],
    /// What the file says of each item, wherever it says so first.
    densities: &'a BTreeMap<String, Density>,
    now: DateTime<Utc>,
}

fn densities(rows: &[Row]) -> BTreeMap<String, Density> {
    let mut densities = BTreeMap::new();
    for row in rows {
        if let Ok(density) = row.get(Field::Density).parse() {
            densities
                .entry(row.get(Field::Item).to_lowercase())
                .or_insert(density);
        }
    }
    densities
}

fn read(
    sheet: &mut Sheet,
    row: &Row,
    known: &Known<'_>,
    unborn: &mut BTreeMap<String, Unborn>,
) -> Option<Purchase> {
    let now = known.now;
    let before = sheet.notes.len();
    let line = row.line;
    let name = row
        .get(Field::Item)
        .parse::<Name>()
        .map_err(|error| sheet.error(line, Field::Item, format!("The name {error}.")))
        .ok();
    let amount = positive(sheet, row, Field::Quantity);
    let unit = unit(sheet, row, Field::Unit);
    let density = optional(sheet, row, Field::Density, str::parse::<Density>);
    let cost = cost(sheet, row);
    let received_at = date(sheet, row, Field::ReceivedAt);
    let expires_at = date(sheet, row, Field::ExpiresAt);
    if received_at.is_some_and(|at| at > now) {
        sheet.error(
            line,
            Field::ReceivedAt,
            "The date lies in the future. Enter when it was received.",
        );
    }
    if expires_at.is_some_and(|at| at <= received_at.unwrap_or(now)) {
        sheet.error(
            line,
            Field::ExpiresAt,
            "It must expire after it was received.",
        );
    }
    let supplier = line_of(sheet, row, Field::Supplier, 128);
    let note = line_of(sheet, row, Field::Note, 500).unwrap_or_default();
    let (item_type, category_id) = category(sheet, row, known.categories);
    let (name, amount, unit) = (name?, amount?, unit?);

    let key = name.as_str().to_lowercase();
    let (dimension, item_density) = match known.existing.get(&key) {
        Some(item) if item.item_type == ItemType::Product => {
            sheet.error(
                line,
                Field::Item,
                format!(
                    "{} is a product of yours; it is made, not bought.",
                    item.name
                ),
            );
            return None;
        }
        Some(item) => {
            let note = match (density, item.density) {
                (Some(said), Some(kept)) if said != kept => Some(format!(
                    "{} already has the density {kept}, which is kept.",
                    item.name
                )),
                (Some(_), None) => Some(format!(
                    "{} has no density yet, and gets none from a purchase. Add it to the item.",
                    item.name
                )),
                _ => None,
            };
            if let Some(note) = note {
                sheet.warning(line, Field::Density, note);
            }
            (item.dimension, item.density)
        }
        None => {
            let born = unborn.entry(key.clone()).or_insert_with(|| Unborn {
                name,
                item_type,
                category_id,
                unit,
                density: known.densities.get(&key).copied(),
            });
            if let (Some(said), Some(kept)) = (density, born.density)
                && said != kept
            {
                let note = format!("Another line says {kept} for {}, which is used.", born.name);
                sheet.warning(line, Field::Density, note);
            }
            // Without one of its own it gets that of its category.
            let usual = || {
                let of = |category: &&Category| Some(category.id) == born.category_id;
                known.categories.iter().find(of)?.default_density
            };
            (born.unit.dimension, born.density.or_else(usual))
        }
    };
    converts(sheet, line, (amount, unit), dimension, item_density);
    (sheet
        .notes
        .iter()
        .skip(before)
        .all(|note| note.severity != super::Severity::Error))
    .then(|| Purchase {
        line,
        item: key,
        amount,
        unit,
        cost: cost.unwrap_or(CostEntry::AsBefore),
        received_at,
        expires_at,
        supplier,
        note,
    })
}

fn converts(
    sheet: &mut Sheet,
    line: u64,
    (amount, unit): (Quantity, &'static Unit),
    dimension: Dimension,
    density: Option<Density>,
) {
    match unit.to_base(amount, Scale::ONE, dimension, density) {
        Ok(quantity) if quantity.is_positive() => {}
        Ok(_) => sheet.error(
            line,
            Field::Quantity,
            "The quantity is so small that it rounds to nothing.",
        ),
        Err(error) => sheet.error(
            line,
            Field::Unit,
            format!(
                "The item is kept by {dimension}, and {} {error}.",
                unit.symbol
            ),
        ),
    }
}

/// Why a cell can't be read; an empty one needs no quoting.
fn unread(text: &str, error: &dyn std::fmt::Display) -> String {
    if text.is_empty() {
        return format!("The cell is empty: {error}.");
    }
    format!("“{}”: {error}.", shown(text))
}

/// As much of a cell as a message repeats.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}

pub(super) fn positive(sheet: &mut Sheet, row: &Row, field: Field) -> Option<Quantity> {
    match row.get(field).parse::<Quantity>() {
        Ok(quantity) if quantity.is_positive() => return Some(quantity),
        Ok(_) => sheet.error(row.line, field, "It must be above zero."),
        Err(error) => sheet.error(row.line, field, unread(row.get(field), &error)),
    }
    None
}

pub(super) fn unit(sheet: &mut Sheet, row: &Row, field: Field) -> Option<&'static Unit> {
    let text = row.get(field);
    let unit = Unit::find(text);
    if text.is_empty() {
        sheet.error(
            row.line,
            field,
            "Enter a unit such as g, kg, oz, lb, ml, floz or count.",
        );
    } else if unit.is_none() {
        let message = format!(
            "The unit “{}” is not known. Use one such as g, kg, oz, lb, ml, floz or count.",
            shown(text)
        );
        sheet.error(row.line, field, message);
    }
    unit
}

fn cost(sheet: &mut Sheet, row: &Row) -> Option<CostEntry> {
    let total = optional(sheet, row, Field::TotalCost, str::parse::<Money>);
    let each = optional(sheet, row, Field::UnitCost, str::parse::<Money>);
    for (field, money) in [(Field::TotalCost, total), (Field::UnitCost, each)] {
        if money.is_some_and(Money::is_negative) {
            sheet.error(row.line, field, "A cost must not be negative.");
        }
    }
    match (total, each) {
        (Some(total), None) => Some(CostEntry::Total(total)),
        (None, Some(each)) => Some(CostEntry::PerUnit(each)),
        (Some(_), Some(_)) => {
            sheet.error(
                row.line,
                Field::UnitCost,
                "Give the total cost or the cost per unit, not both.",
            );
            None
        }
        (None, None) => {
            let empty = row.get(Field::TotalCost).is_empty() && row.get(Field::UnitCost).is_empty();
            if empty {
                sheet.error(
                    row.line,
                    Field::TotalCost,
                    "Enter what it cost; 0 if it was free.",
                );
            }
            None
        }
    }
}

fn optional<T, E: std::fmt::Display>(
    sheet: &mut Sheet,
    row: &Row,
    field: Field,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Option<T> {
    // A currency sign before an amount is how spreadsheets show money.
    let text = row.get(field).trim_start_matches(['$', '€', '£']).trim();
    if text.is_empty() {
        return None;
    }
    parse(text)
        .map_err(|error| sheet.error(row.line, field, unread(text, &error)))
        .ok()
}

fn date(sheet: &mut Sheet, row: &Row, field: Field) -> Option<DateTime<Utc>> {
    let text = row.get(field);
    if text.is_empty() {
        return None;
    }
    let at = moment(text);
    if at.is_none() {
        sheet.error(
            row.line,
            field,
            format!("“{}” is not a date such as 2026-03-31.", shown(text)),
        );
    }
    at
}

fn line_of(sheet: &mut Sheet, row: &Row, field: Field, most: usize) -> Option<String> {
    let text = row.get(field);
    if text.is_empty() {
        return None;
    }
    text::line(text, most)
        .map_err(|error| sheet.error(row.line, field, format!("It {error}.")))
        .ok()
}

/// A category of ours, or a word that says what sort of item it is.
fn category(sheet: &mut Sheet, row: &Row, categories: &[Category]) -> (ItemType, Option<i64>) {
    let text = row.get(Field::Category);
    let item_type = match text.to_lowercase().trim_end_matches('s') {
        "container" => ItemType::Container,
        "packaging" => ItemType::Packaging,
        "consumable" | "supplie" => ItemType::Consumable,
        _ => ItemType::Ingredient,
    };
    let found = categories
        .iter()
        .find(|c| c.name.eq_ignore_ascii_case(text));
    if found.is_none()
        && item_type == ItemType::Ingredient
        && !matches!(text, "" | "ingredient" | "Ingredients")
    {
        sheet.warning(
            row.line,
            Field::Category,
            format!(
                "There is no category “{}”; the item gets none.",
                shown(text)
            ),
        );
    }
    (item_type, found.map(|c| c.id))
}
