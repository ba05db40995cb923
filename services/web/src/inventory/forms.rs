//! What arrives from the forms of stock, and its one-way door into the domain.
use crate::{extract::Fields, problem::Problem, typed::Typed};
use batchtrack_core::{
    inventory::{ActionKind, CostEntry, Item, ItemChange, ItemType, NewItem, Receipt},
    kernel::{Quantity, Scale, Unit, ids::ItemId},
};

const LONGEST_NOTE: usize = 4_000;

/// An item to be created, and what is on the shelf already.
pub(super) struct NewItemForm {
    pub(super) item: NewItem,
    stock: Option<Stock>,
}

struct Stock {
    amount: Quantity,
    cost: CostEntry,
    supplier: Option<String>,
    expires_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl NewItemForm {
    /// Its first receipt, once the item is there.
    pub(super) fn receipt(&self, item: ItemId) -> Option<Receipt> {
        let stock = self.stock.as_ref()?;
        Some(Receipt {
            item,
            kind: ActionKind::InitialStock,
            amount: stock.amount,
            unit: self.item.unit,
            cost: stock.cost,
            received_at: None,
            expires_at: stock.expires_at,
            supplier: stock.supplier.clone(),
            note: String::new(),
            import: None,
        })
    }
}

pub(super) fn new_item(fields: &Fields) -> Result<NewItemForm, Problem> {
    let mut typed = Typed::new(fields);
    let details = details(&mut typed);
    let stock = fields.filled("quantity").and_then(|text| {
        // A zero says that there is nothing yet.
        if text.parse::<Quantity>().is_ok_and(Quantity::is_zero) {
            return None;
        }
        // All of it is read first, so that all that is wrong is said at once.
        let amount = typed.amount("quantity");
        let cost = typed.money("total_cost");
        let supplier = typed.line("supplier", 128);
        let expires_at = typed.day("expires_at");
        Some(Stock {
            amount: amount?,
            cost: cost.map_or(CostEntry::AsBefore, CostEntry::Total),
            supplier,
            expires_at,
        })
    });
    if fields.filled("quantity").is_none() && fields.filled("total_cost").is_some() {
        typed.wrong("quantity", "Enter how much you have for that cost");
    }
    let values = details.map(|details| NewItemForm {
        item: NewItem {
            density: details.density,
            category_id: details.category_id,
            shelf_life_days: details.shelf_life_days,
            low_stock_threshold: details.low_stock_threshold,
            notes: details.notes,
            ..NewItem::new(details.name, details.item_type, details.unit)
        },
        stock,
    });
    typed.finish(values)
}

/// What is to change about `item`. A product's stock stays a product's.
pub(super) fn change(fields: &Fields, item: &Item) -> Result<ItemChange, Problem> {
    let mut typed = Typed::new(fields);
    let details = details(&mut typed);
    let values = details.map(|details| ItemChange {
        name: details.name,
        item_type: if item.item_type == ItemType::Product {
            item.item_type
        } else {
            details.item_type
        },
        unit: details.unit,
        density: details.density,
        category_id: details.category_id,
        low_stock_threshold: details.low_stock_threshold,
        shelf_life_days: details.shelf_life_days,
        notes: details.notes,
    });
    typed.finish(values)
}

struct Details {
    name: batchtrack_core::kernel::text::Name,
    item_type: ItemType,
    unit: &'static Unit,
    density: Option<batchtrack_core::kernel::Density>,
    category_id: Option<i64>,
    shelf_life_days: Option<i32>,
    low_stock_threshold: Option<Quantity>,
    notes: String,
}

fn details(typed: &mut Typed<'_>) -> Option<Details> {
    let name = typed.name("name");
    let item_type = typed
        .maybe::<ItemType>("type")
        .unwrap_or(ItemType::Ingredient);
    let unit = typed.unit("unit");
    let density = typed.maybe("density");
    let category_id = typed.maybe("category_id");
    let shelf_life_days = typed.maybe::<i32>("shelf_life_days").filter(|days| {
        let fits = (1..=36_500).contains(days);
        if !fits {
            typed.wrong("shelf_life_days", "Enter a number of days from 1 to 36500");
        }
        fits
    });
    let threshold = typed.maybe::<Quantity>("low_stock_threshold");
    let low_stock_threshold = unit.zip(threshold).and_then(|(unit, amount)| {
        let stock = unit.to_base(amount, Scale::ONE, unit.dimension, None);
        typed
            .keep("low_stock_threshold", stock)
            .filter(|stock| stock.is_positive())
    });
    let notes = typed.note("notes", LONGEST_NOTE);
    Some(Details {
        name: name?,
        item_type,
        unit: unit?,
        density,
        category_id,
        shelf_life_days,
        low_stock_threshold,
        notes,
    })
}

/// The edit form as it is first shown.
pub(super) fn of_item(item: &Item) -> Fields {
    let text = |value: Option<String>| value.unwrap_or_default();
    Fields::of([
        ("name", item.name.clone()),
        ("type", item.item_type.to_string()),
        ("unit", item.unit().name.to_owned()),
        (
            "density",
            text(item.density.map(|density| density.to_string())),
        ),
        (
            "category_id",
            text(item.category_id.map(|id| id.to_string())),
        ),
        (
            "shelf_life_days",
            text(item.shelf_life_days.map(|days| days.to_string())),
        ),
        (
            "low_stock_threshold",
            text(
                item.low_stock_threshold
                    .map(|stock| item.written(stock).to_string()),
            ),
        ),
        ("notes", item.notes.clone()),
    ])
}
