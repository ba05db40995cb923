//! What arrives from the recipe form, and its one-way door into the domain.
//!
//! Lines come as parallel arrays. A line names its item by id or by name. An empty row is not there;
//! one that is filled in by half is refused, so that nothing goes into a batch that its maker did not
//! weigh, and nothing is left out that she wrote down.
use crate::{extract::Fields, problem::Problem, typed::Typed};
use batchtrack_core::{
    inventory::Item,
    kernel::{Quantity, Unit, ids::ItemId, text::Name},
    recipes::{LineKind, NewLine, NewRecipe, Recipe, RecipeStatus, StockedLine},
};
use std::collections::BTreeMap;

const LONGEST_INSTRUCTIONS: usize = 20_000;

/// The arrays of one kind of line.
struct Columns {
    kind: LineKind,
    ids: &'static str,
    global_ids: &'static str,
    names: &'static str,
    amounts: &'static str,
    units: &'static str,
}

const COLUMNS: [Columns; 3] = [
    Columns {
        kind: LineKind::Ingredient,
        ids: "ingredient_ids[]",
        global_ids: "global_item_ids[]",
        names: "ingredient_names[]",
        amounts: "amounts[]",
        units: "units[]",
    },
    Columns {
        kind: LineKind::Container,
        ids: "allowed_containers[]",
        global_ids: "",
        names: "container_names[]",
        amounts: "container_amounts[]",
        units: "container_units[]",
    },
    Columns {
        kind: LineKind::Consumable,
        ids: "consumable_ids[]",
        global_ids: "",
        names: "consumable_names[]",
        amounts: "consumable_amounts[]",
        units: "consumable_units[]",
    },
];

/// A line as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TypedLine {
    pub(super) id: String,
    pub(super) global_id: String,
    pub(super) name: String,
    pub(super) amount: String,
    pub(super) unit: String,
}

impl TypedLine {
    fn names_nothing(&self) -> bool {
        self.id.is_empty() && self.global_id.is_empty() && self.name.is_empty()
    }

    /// Whether the domain is to see it. A container may be allowed without saying how many.
    pub(super) fn counts(&self, kind: LineKind) -> bool {
        !self.amount.is_empty() || !(self.names_nothing() || kind == LineKind::Container)
    }
}

/// The lines of one kind, as many as the longest of their arrays.
pub(super) fn lines(fields: &Fields, kind: LineKind) -> Vec<TypedLine> {
    let Some(columns) = COLUMNS.iter().find(|columns| columns.kind == kind) else {
        return Vec::new();
    };
    let column = |name: &'static str| -> Vec<String> {
        fields
            .all(name)
            .map(|value| value.trim().to_owned())
            .collect()
    };
    let names = [
        columns.ids,
        columns.global_ids,
        columns.names,
        columns.amounts,
        columns.units,
    ];
    let all = names.map(column);
    let longest = all.iter().map(Vec::len).max().unwrap_or_default();
    (0..longest)
        .map(|at| {
            let [id, global_id, name, amount, unit] = all
                .each_ref()
                .map(|column| column.get(at).cloned().unwrap_or_default());
            TypedLine {
                id,
                global_id,
                name,
                amount,
                unit,
            }
        })
        .collect()
}

/// All lines that count, of all kinds, in the order in which the recipe keeps them.
fn counting(fields: &Fields) -> Vec<(LineKind, TypedLine)> {
    COLUMNS
        .iter()
        .flat_map(|columns| {
            lines(fields, columns.kind)
                .into_iter()
                .map(|line| (columns.kind, line))
        })
        .filter(|(kind, line)| line.counts(*kind))
        .collect()
}

/// The names that stand for items, where no id does.
pub(super) fn named(fields: &Fields) -> Vec<(LineKind, TypedLine)> {
    counting(fields)
        .into_iter()
        .filter(|(_, line)| line.id.is_empty() && !line.name.is_empty())
        .collect()
}

/// The library entries that stand for items, where no id does.
pub(super) fn of_library(fields: &Fields) -> Vec<TypedLine> {
    counting(fields)
        .into_iter()
        .map(|(_, line)| line)
        .filter(|line| line.id.is_empty() && line.name.is_empty())
        .collect()
}

/// What the names and library entries of the form turned out to be.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By name in lower case.
    pub(super) by_name: BTreeMap<String, Item>,
    /// By the id of the library entry, as it was typed.
    pub(super) by_entry: BTreeMap<String, ItemId>,
}

/// Takes the form apart; every field that is wrong is named, lines as `lines[3].amount`.
pub(super) fn new_recipe(fields: &Fields, known: &Known) -> Result<NewRecipe, Problem> {
    let mut typed = Typed::new(fields);
    let name = typed.name("name");
    let instructions = typed.note("instructions", LONGEST_INSTRUCTIONS);
    let category_id = typed.maybe("category_id");
    let yield_amount = typed.amount("predicted_yield");
    let yield_unit = typed.unit("predicted_yield_unit");
    let status = match fields.text("save_mode") {
        "draft" => RecipeStatus::Draft,
        _ => RecipeStatus::Published,
    };
    let mut kept = Vec::new();
    for (at, (kind, line)) in counting(fields).iter().enumerate() {
        let item = item_of(line, known)
            .map_err(|problem| typed.wrong(format!("lines[{at}].item_id"), problem));
        let amount = line
            .amount
            .parse::<Quantity>()
            .map_err(|error| typed.wrong(format!("lines[{at}].amount"), error));
        let unit = Unit::find(&line.unit).ok_or_else(|| {
            let words = match &*line.unit {
                "" => "Choose a unit".to_owned(),
                unknown => format!("The unit “{unknown}” is not known"),
            };
            typed.wrong(format!("lines[{at}].unit"), words);
        });
        if let (Ok(item), Ok(amount), Ok(unit)) = (item, amount, unit) {
            kept.push(NewLine {
                kind: *kind,
                item,
                amount,
                unit,
            });
        }
    }
    let values = || {
        Some(NewRecipe {
            name: name?,
            instructions,
            category_id,
            yield_amount: yield_amount?,
            yield_unit: yield_unit?,
            status,
            lines: kept,
            import: None,
        })
    };
    let values = values();
    typed.finish(values)
}

fn item_of(line: &TypedLine, known: &Known) -> Result<ItemId, String> {
    if !line.id.is_empty() {
        return line
            .id
            .parse()
            .map_err(|_not_an_id| "Choose an item from the list".to_owned());
    }
    if !line.name.is_empty() {
        let found = known.by_name.get(&line.name.to_lowercase());
        return found
            .map(|item| item.id)
            .ok_or_else(|| format!("There is no item called “{}” yet", line.name));
    }
    if line.global_id.is_empty() {
        return Err("Say what this is an amount of, or empty the row".to_owned());
    }
    known
        .by_entry
        .get(&line.global_id)
        .copied()
        .ok_or_else(|| "There is no such entry in the library".to_owned())
}

/// The form of a recipe that is there: a draft to go on with, or the start of a changed copy.
pub(super) fn of_recipe(recipe: &Recipe, lines: &[StockedLine], is_draft: bool) -> Fields {
    let name = if is_draft {
        recipe.name.clone()
    } else {
        copy_name(&recipe.name)
    };
    let mut values = vec![
        ("name", name),
        ("instructions", recipe.instructions.clone()),
        ("category_id", recipe.category_id.to_string()),
        ("predicted_yield", recipe.yield_amount.to_string()),
        ("predicted_yield_unit", recipe.yield_unit.clone()),
    ];
    if is_draft {
        values.push(("draft_id", recipe.id.to_string()));
    }
    for StockedLine { line, item, .. } in lines {
        if let Some(columns) = COLUMNS.iter().find(|columns| columns.kind == line.kind) {
            values.push((columns.names, item.name.clone()));
            values.push((columns.amounts, line.amount.to_string()));
            values.push((columns.units, line.unit.clone()));
        }
    }
    Fields::of(values)
}

/// No longer than a name may be.
fn copy_name(name: &str) -> String {
    const SUFFIX: &str = " (copy)";
    let stem: String = name.chars().take(Name::MOST - SUFFIX.len()).collect();
    format!("{stem}{SUFFIX}")
}

/// An item to be made of a name in the form, in the unit of its line.
pub(super) fn missing(line: &TypedLine) -> Option<(Name, &'static Unit)> {
    Some((line.name.parse().ok()?, Unit::find(&line.unit)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        Fields::from_urlencoded(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_published_form_is_understood() {
        let form = fields(
            "name=Pickles&instructions=x&predicted_yield=1&predicted_yield_unit=count&ingredient_ids%5B%5D=7&ingredient_ids%5B%5D=9\
             &global_item_ids%5B%5D=&global_item_ids%5B%5D=&amounts%5B%5D=1&amounts%5B%5D=1&units%5B%5D=count&units%5B%5D=gallon",
        );
        let new = new_recipe(&form, &Known::default()).unwrap();
        let lines: Vec<_> = new
            .lines
            .iter()
            .map(|line| (line.item.get(), line.unit.name))
            .collect();
        assert_eq!(lines, [(7, "count"), (9, "gallon")]);
        assert_eq!(
            (new.status, new.category_id),
            (RecipeStatus::Published, None)
        );
    }

    #[test]
    fn empty_rows_and_containers_that_are_only_allowed_are_not_there() {
        let form = fields(
            "ingredient_names%5B%5D=&ingredient_names%5B%5D=Oil&amounts%5B%5D=&amounts%5B%5D=3&units%5B%5D=g&units%5B%5D=g\
             &allowed_containers%5B%5D=7&container_names%5B%5D=&container_names%5B%5D=Jar&container_amounts%5B%5D=&container_amounts%5B%5D=12&container_units%5B%5D=count&container_units%5B%5D=count",
        );
        assert_eq!(lines(&form, LineKind::Ingredient).len(), 2);
        let found: Vec<_> = counting(&form)
            .into_iter()
            .map(|(kind, line)| (kind, line.name))
            .collect();
        assert_eq!(
            found,
            [
                (LineKind::Ingredient, "Oil".to_owned()),
                (LineKind::Container, "Jar".to_owned())
            ]
        );
    }

    #[test]
    fn a_row_filled_in_by_half_is_refused() {
        let form = fields(
            "name=X&predicted_yield=1&predicted_yield_unit=count&ingredient_names%5B%5D=Lye&ingredient_names%5B%5D=&amounts%5B%5D=&amounts%5B%5D=2&units%5B%5D=&units%5B%5D=g",
        );
        let problem = new_recipe(&form, &Known::default()).unwrap_err();
        for (field, words) in [
            ("lines[0].amount", "Enter a number such as 12 or 12.5."),
            ("lines[0].unit", "Choose a unit."),
            (
                "lines[1].item_id",
                "Say what this is an amount of, or empty the row.",
            ),
        ] {
            assert_eq!(problem.at(field), words, "{field}");
        }
    }

    #[test]
    fn every_wrong_line_is_named() {
        let form = fields(
            "name=X&predicted_yield=0&predicted_yield_unit=furlong&ingredient_names%5B%5D=Nothing&amounts%5B%5D=1e400&units%5B%5D=foo",
        );
        let problem = new_recipe(&form, &Known::default()).unwrap_err();
        for (field, words) in [
            ("predicted_yield", "Enter more than zero."),
            ("predicted_yield_unit", "The unit “furlong” is not known."),
            ("lines[0].item_id", "There is no item called “Nothing” yet."),
            ("lines[0].amount", "Enter a number such as 12 or 12.5."),
            ("lines[0].unit", "The unit “foo” is not known."),
        ] {
            assert_eq!(problem.at(field), words, "{field}");
        }
    }
}
