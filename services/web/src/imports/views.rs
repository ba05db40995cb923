//! What the pages of imports show.
use super::forms;
use crate::{
    figures::{self, Currency, Figure},
    times::{Moment, Times},
};
use batchtrack_core::{
    imports::{Field, Import, ImportKind, Note, Preview, Severity, Upload},
    inventory::{Item, Lot},
};
use std::collections::BTreeSet;

/// Notes that a page lists one by one.
const MOST_NOTES: usize = 200;
const MOST_NAMES: usize = 30;

pub(super) const fn title(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Purchases => "Purchases",
        ImportKind::Recipes => "Recipes",
    }
}

/// A field as people read it, and what goes into it.
const fn explained(field: Field) -> (&'static str, &'static str) {
    match field {
        Field::Recipe => ("Recipe", "Its name, on every one of its lines."),
        Field::YieldQuantity => ("Yield", "How much one batch makes."),
        Field::YieldUnit => ("Unit of the yield", "Such as count, g or ml."),
        Field::Instructions => ("Instructions", "On the first line of a recipe."),
        Field::ReceivedAt => ("Received", "A date such as 2026-03-31; today when empty."),
        Field::Supplier => ("Supplier", "Whom you bought it from."),
        Field::Item => (
            "Item",
            "By its name; an unknown one becomes a new item of purchases.",
        ),
        Field::Category => (
            "Category",
            "Of ours; or Packaging, Containers, Consumables.",
        ),
        Field::Quantity => ("Quantity", "A number such as 35 or 2.5."),
        Field::Unit => ("Unit", "Such as g, kg, oz, lb, ml, floz, gallon or count."),
        Field::TotalCost => ("Total cost", "For the whole line; 0 if it was free."),
        Field::UnitCost => ("Cost per unit", "Instead of the total."),
        Field::Density => (
            "Density",
            "Grams per millilitre, for what is both poured and weighed.",
        ),
        Field::ExpiresAt => ("Expires", "A date; otherwise after its shelf life."),
        Field::Note => ("Note", "Kept with the receipt."),
    }
}

/// A column of the format.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) required: bool,
}

pub(super) fn columns(kind: ImportKind) -> Vec<Column> {
    Field::of(kind)
        .iter()
        .map(|(field, required)| {
            let (title, text) = explained(*field);
            Column {
                name: field.as_str(),
                title,
                // Recipes are about products; the other kinds of categories mean nothing there.
                text: match (kind, field) {
                    (ImportKind::Recipes, Field::Category) => {
                        "Such as Soaps, Candles or Baked Goods."
                    }
                    (ImportKind::Recipes, Field::Item) => "One that is on your list already.",
                    _ => text,
                },
                required: *required,
            }
        })
        .collect()
}

/// A select that says which column is which.
#[derive(Debug)]
pub(super) struct Mapped {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) heading: String,
    pub(super) missing: bool,
}

#[derive(Debug)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) heading: String,
    pub(super) wrong: bool,
}

/// A file that was looked at.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    /// The form for another one.
    pub(super) again: &'static str,
    pub(super) file_name: String,
    pub(super) content: String,
    pub(super) rows: String,
    pub(super) things: String,
    pub(super) new_items: Vec<String>,
    pub(super) more_new_items: usize,
    pub(super) headings: Vec<String>,
    pub(super) options: Vec<(String, String)>,
    pub(super) mapping: Vec<Mapped>,
    pub(super) sample: Vec<(u64, Vec<Cell>)>,
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) notes: Vec<Note>,
    pub(super) more_notes: usize,
}

impl Looked {
    pub(super) fn of(upload: &Upload, preview: Preview) -> Self {
        let (mut errors, warnings): (Vec<Note>, Vec<Note>) = preview
            .notes
            .iter()
            .cloned()
            .partition(|note| note.severity == Severity::Error);
        let counts = (errors.len(), warnings.len());
        errors.extend(warnings);
        let more_notes = errors.len().saturating_sub(MOST_NOTES);
        errors.truncate(MOST_NOTES);
        Self {
            kind: upload.kind.as_str(),
            title: title(upload.kind),
            again: match upload.kind {
                ImportKind::Purchases => "/imports/new?kind=purchases",
                ImportKind::Recipes => "/imports/new?kind=recipes",
            },
            file_name: upload.file_name.clone(),
            content: String::from_utf8_lossy(&upload.content).into_owned(),
            rows: count(preview.rows),
            things: count(preview.things),
            new_items: preview.new_items.iter().take(MOST_NAMES).cloned().collect(),
            more_new_items: preview.new_items.len().saturating_sub(MOST_NAMES),
            options: options(&preview.headings),
            mapping: mapped(upload.kind, &preview),
            sample: sample(&preview),
            errors: counts.0,
            warnings: counts.1,
            notes: errors,
            more_notes,
            headings: preview.headings,
        }
    }

    /// `Import 3 receipts`
    pub(super) fn verb(&self) -> String {
        let noun = match (self.kind, self.things.as_str()) {
            ("purchases", "1") => "receipt",
            ("purchases", _) => "receipts",
            (_, "1") => "recipe",
            _ => "recipes",
        };
        format!("Import {} {noun}", self.things)
    }
}

fn count(n: usize) -> String {
    figures::count(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Headings to choose from; one that stands twice can't be told apart.
fn options(headings: &[String]) -> Vec<(String, String)> {
    let mut seen = BTreeSet::new();
    headings
        .iter()
        .filter(|heading| !heading.is_empty() && seen.insert(heading.to_lowercase()))
        .map(|heading| (heading.clone(), heading.clone()))
        .collect()
}

fn mapped(kind: ImportKind, preview: &Preview) -> Vec<Mapped> {
    Field::of(kind)
        .iter()
        .map(|(field, required)| {
            let heading = preview.mapping.get(field).cloned().unwrap_or_default();
            Mapped {
                name: forms::column(*field),
                title: explained(*field).0.to_owned(),
                missing: *required && heading.is_empty(),
                heading,
            }
        })
        .collect()
}

fn sample(preview: &Preview) -> Vec<(u64, Vec<Cell>)> {
    let wrong: BTreeSet<(u64, &str)> = preview
        .notes
        .iter()
        .filter(|note| note.severity == Severity::Error)
        .map(|note| (note.line, note.column.as_str()))
        .collect();
    preview
        .sample
        .iter()
        .map(|(line, cells)| {
            let cells = preview
                .headings
                .iter()
                .enumerate()
                .map(|(at, heading)| Cell {
                    text: cells.get(at).cloned().unwrap_or_default(),
                    heading: heading.clone(),
                    wrong: wrong.contains(&(*line, heading.as_str())),
                });
            (*line, cells.collect())
        })
        .collect()
}

/// An import in the list, and on its own page.
#[derive(Debug)]
pub(super) struct ImportRow {
    pub(super) id: i64,
    pub(super) file_name: String,
    pub(super) kind: &'static str,
    pub(super) icon: &'static str,
    pub(super) rows: String,
    pub(super) at: Moment,
    pub(super) undone: Option<Moment>,
    /// Where to POST to take it back.
    pub(super) undo: String,
}

impl ImportRow {
    pub(super) fn of(import: &Import, times: &Times) -> Self {
        Self {
            id: import.id.get(),
            file_name: import.file_name.clone(),
            kind: title(import.kind),
            icon: match import.kind {
                ImportKind::Purchases => "receipt",
                ImportKind::Recipes => "book-2",
            },
            rows: figures::count(i64::from(import.row_count)),
            at: times.moment(import.created_at),
            undo: format!("/imports/{}/undo", import.id),
            undone: import.undone_at.map(|at| times.moment(at)),
        }
    }
}

/// A lot that an import brought.
#[derive(Debug)]
pub(super) struct Receipt {
    pub(super) item_id: i64,
    pub(super) item: String,
    pub(super) lot: String,
    pub(super) supplier: String,
    pub(super) quantity: Figure,
    pub(super) value: Figure,
    pub(super) at: Moment,
}

impl Receipt {
    pub(super) fn of(item: &Item, lot: &Lot, currency: &Currency, times: &Times) -> Self {
        Self {
            item_id: item.id.get(),
            item: item.name.clone(),
            lot: lot.code.clone(),
            supplier: lot.supplier.clone().unwrap_or_default(),
            quantity: figures::stock(item, lot.received_quantity),
            value: currency.short(lot.received_value),
            at: times.day(lot.received_at),
        }
    }
}
