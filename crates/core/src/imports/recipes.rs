//! Rows of a file of recipes, one line of a recipe each. Pure: what exists is handed in.
use super::{
    model::Field,
    purchases::{positive, shown, unit},
    sheet::{Row, Sheet},
};
use crate::{
    inventory::{self, Item, ItemType},
    kernel::{
        Quantity, Scale, Unit,
        text::{self, Name},
    },
    recipes::{LineKind, NewLine, NewRecipe, ProductCategory, RecipeStatus},
};
use std::collections::{BTreeMap, BTreeSet};

/// A recipe as its rows describe it.
pub(super) struct Draft {
    /// Of its first row.
    pub(super) line: u64,
    pub(super) recipe: NewRecipe,
}

/// Reads all rows and notes all that is wrong with them. Rows of one recipe need not stand together;
/// its yield may be said once or on every row.
pub(super) fn plan(
    sheet: &mut Sheet,
    items: &BTreeMap<String, Item>,
    categories: &[ProductCategory],
    taken: &[String],
) -> Vec<Draft> {
    let rows = std::mem::take(&mut sheet.rows);
    let mut order: Vec<String> = Vec::new();
    let mut by_name: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        let name = row.get(Field::Recipe);
        match name.parse::<Name>() {
            Ok(name) => {
                let key = name.as_str().to_lowercase();
                if !by_name.contains_key(&key) {
                    order.push(key.clone());
                }
                by_name.entry(key).or_default().push(row);
            }
            Err(error) => sheet.error(row.line, Field::Recipe, format!("The name {error}.")),
        }
    }
    let mut drafts = Vec::new();
    for key in order {
        let Some(rows) = by_name.get(&key) else {
            continue;
        };
        let Some(first) = rows.first() else { continue };
        if taken.contains(&key) {
            let message = format!(
                "There is already a recipe called “{}”.",
                first.get(Field::Recipe)
            );
            sheet.error(first.line, Field::Recipe, message);
        }
        drafts.extend(recipe(sheet, rows, first, items, categories));
    }
    sheet.rows = rows;
    drafts
}

fn recipe(
    sheet: &mut Sheet,
    rows: &[&Row],
    first: &Row,
    items: &BTreeMap<String, Item>,
    categories: &[ProductCategory],
) -> Option<Draft> {
    let yields = made(sheet, rows, first);
    let lines: Vec<NewLine> = rows
        .iter()
        .filter_map(|row| line(sheet, row, items))
        .collect();
    let mut listed = BTreeSet::new();
    for row in rows {
        let name = row.get(Field::Item);
        if !name.is_empty() && !listed.insert(name.to_lowercase()) {
            let message = format!(
                "{} is listed twice. Add the amounts up in one line.",
                shown(name)
            );
            sheet.error(row.line, Field::Item, message);
        }
    }
    let category = rows
        .iter()
        .map(|row| row.get(Field::Category))
        .find(|c| !c.is_empty());
    let category_id = category.and_then(|name| {
        let found = categories
            .iter()
            .find(|c| c.name.eq_ignore_ascii_case(name));
        if found.is_none() {
            let message = format!(
                "There is no product category “{}”; the recipe gets none.",
                shown(name)
            );
            sheet.warning(first.line, Field::Category, message);
        }
        found.map(|c| c.id)
    });
    let instructions = rows
        .iter()
        .map(|row| row.get(Field::Instructions))
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    let instructions = text::note(instructions, 20_000)
        .map_err(|error| sheet.error(first.line, Field::Instructions, format!("They {error}.")))
        .ok()?;
    if !lines.is_empty() && lines.iter().all(|line| line.kind != LineKind::Ingredient) {
        sheet.error(
            first.line,
            Field::Item,
            "A recipe needs at least one ingredient.",
        );
    }
    let (yield_amount, yield_unit) = yields?;
    Some(Draft {
        line: first.line,
        recipe: NewRecipe {
            name: first.get(Field::Recipe).parse().ok()?,
            instructions,
            category_id,
            yield_amount,
            yield_unit,
            status: RecipeStatus::Published,
            lines,
            import: None,
        },
    })
}

/// What it makes: said on its first row, and not otherwise on the rest.
fn made(sheet: &mut Sheet, rows: &[&Row], first: &Row) -> Option<(Quantity, &'static Unit)> {
    let amount = positive(sheet, first, Field::YieldQuantity);
    let of = unit(sheet, first, Field::YieldUnit);
    for field in [Field::YieldQuantity, Field::YieldUnit] {
        for row in rows.iter().skip(1) {
            let (said, before) = (row.get(field), first.get(field));
            if !said.is_empty() && said != before {
                let message = format!(
                    "Line {} says “{}” for the same recipe.",
                    first.line,
                    shown(before)
                );
                sheet.error(row.line, field, message);
            }
        }
    }
    Some((amount?, of?))
}

fn line(sheet: &mut Sheet, row: &Row, items: &BTreeMap<String, Item>) -> Option<NewLine> {
    let amount = positive(sheet, row, Field::Quantity);
    let unit = unit(sheet, row, Field::Unit);
    let name = row.get(Field::Item);
    let Some(item) = items.get(&name.to_lowercase()) else {
        let message = if name.is_empty() {
            "Enter the name of an item.".to_owned()
        } else {
            format!(
                "There is no item called “{}”. Add it, or import its purchase, first.",
                shown(name)
            )
        };
        sheet.error(row.line, Field::Item, message);
        return None;
    };
    if item.archived_at.is_some() {
        sheet.error(
            row.line,
            Field::Item,
            format!("{} is archived. Restore it first.", item.name),
        );
    }
    let kind = match item.item_type {
        ItemType::Ingredient => LineKind::Ingredient,
        ItemType::Container => LineKind::Container,
        ItemType::Packaging | ItemType::Consumable => LineKind::Consumable,
        ItemType::Product => {
            sheet.error(
                row.line,
                Field::Item,
                format!("{} is a product and can't go into a recipe.", item.name),
            );
            return None;
        }
    };
    let (amount, unit) = (amount?, unit?);
    if let Err(error) = inventory::stock_quantity(item, amount, unit, Scale::ONE) {
        sheet.error(row.line, Field::Unit, error.to_string());
    }
    Some(NewLine {
        kind,
        item: item.id,
        amount,
        unit,
    })
}
