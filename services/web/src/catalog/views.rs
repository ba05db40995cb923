//! What the pages of the library show.
use crate::{
    figures::{self, Figure},
    listing::{self, Pager},
    problem::Problem,
};
use batchtrack_core::{
    catalog::{self, GlobalItem, LibraryFilter, LibraryType, Reader, rules},
    kernel::{Quantity, Unit, decimal::MICROS},
};
use serde::Deserialize;

const PER_PAGE: u16 = 50;
const HOME: &str = "/global-items";

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    #[serde(alias = "search")]
    q: String,
    r#type: String,
    category: String,
    cursor: String,
}

/// A page of the list.
#[derive(Debug)]
pub(super) struct List {
    pub(super) q: String,
    pub(super) kind: String,
    pub(super) category: String,
    pub(super) tabs: Vec<(String, &'static str, bool)>,
    pub(super) categories: Vec<(String, String)>,
    pub(super) rows: Vec<Row>,
    pub(super) pager: Pager,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) aliases: String,
    pub(super) icon: &'static str,
    pub(super) group: String,
    pub(super) density: String,
    pub(super) unit: &'static str,
    pub(super) keeps: String,
}

impl List {
    pub(super) async fn read(tx: &mut impl Reader, query: &ListQuery) -> Result<Self, Problem> {
        let filter = LibraryFilter {
            item_type: query.r#type.parse().ok(),
            category_id: query.category.parse().ok(),
            search: listing::search(&query.q),
        };
        let after = listing::cursor(&query.cursor)?;
        let page = catalog::list(tx, &filter, after.as_ref(), PER_PAGE).await?;
        // Only ingredients have categories.
        let categories = match filter.item_type {
            None | Some(LibraryType::Ingredient) => catalog::categories(tx).await?,
            Some(_) => Vec::new(),
        };
        let q = filter.search.unwrap_or_default();
        let kind = filter.item_type.map_or("", LibraryType::as_str);
        let category = filter
            .category_id
            .map_or_else(String::new, |id| id.to_string());
        let filters = [
            ("q", q.as_str()),
            ("type", kind),
            ("category", category.as_str()),
        ];
        Ok(Self {
            tabs: tabs(&q, filter.item_type),
            pager: Pager::of(HOME, &filters, &query.cursor, page.next.as_ref()),
            rows: page.rows.iter().map(Row::of).collect(),
            categories: categories
                .into_iter()
                .map(|c| (c.id.to_string(), c.name))
                .collect(),
            kind: kind.to_owned(),
            category,
            q,
        })
    }

    pub(super) fn is_filtered(&self) -> bool {
        !self.q.is_empty() || !self.category.is_empty() || !self.kind.is_empty()
    }
}

fn tabs(q: &str, current: Option<LibraryType>) -> Vec<(String, &'static str, bool)> {
    let tab = |kind: Option<LibraryType>, text| {
        let word = kind.map_or("", LibraryType::as_str);
        let link = Pager::of(HOME, &[("q", q), ("type", word)], "here", None).first;
        (
            link.unwrap_or_else(|| HOME.to_owned()),
            text,
            kind == current,
        )
    };
    vec![
        tab(None, "All"),
        tab(Some(LibraryType::Ingredient), "Ingredients"),
        tab(Some(LibraryType::Container), "Containers"),
        tab(Some(LibraryType::Packaging), "Packaging"),
        tab(Some(LibraryType::Consumable), "Consumables"),
    ]
}

impl Row {
    fn of(item: &GlobalItem) -> Self {
        Self {
            path: path(item),
            name: item.name.clone(),
            aliases: item.aliases().collect::<Vec<_>>().join(", "),
            icon: icon(item.item_type),
            group: item
                .category
                .clone()
                .unwrap_or_else(|| item.item_type.title().to_owned()),
            density: item
                .density
                .map_or_else(String::new, |density| density.to_string()),
            unit: item.unit().name,
            keeps: item.shelf_life_days.map_or_else(String::new, keeps),
        }
    }
}

const fn icon(item_type: LibraryType) -> &'static str {
    match item_type {
        LibraryType::Ingredient => "leaf",
        LibraryType::Container => "bottle",
        LibraryType::Packaging => "package",
        LibraryType::Consumable => "tool",
    }
}

fn path(item: &GlobalItem) -> String {
    match rules::slug(&item.name).as_str() {
        "" => format!("{HOME}/{}", item.id),
        slug => format!("{HOME}/{}-{slug}", item.id),
    }
}

/// How long something keeps, as people say it.
fn keeps(days: i32) -> String {
    match days {
        1 => "1 day".to_owned(),
        ..60 => format!("{days} days"),
        60..720 => format!("{} months", (days + 15) / 30),
        _ => format!("{} years", (days + 180) / 365),
    }
}

/// One entry.
#[derive(Debug)]
pub(super) struct Detail {
    pub(super) path: String,
    /// Where to POST to have it on one's own list.
    pub(super) save: String,
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) icon: &'static str,
    pub(super) category: Option<(i64, String)>,
    pub(super) density: Option<String>,
    pub(super) unit: &'static str,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) aliases: Vec<String>,
    pub(super) weights: Vec<Weight>,
    /// The reader's own item of this kind.
    pub(super) kept: Option<i64>,
}

/// What a measure of it weighs.
#[derive(Debug)]
pub(super) struct Weight {
    pub(super) measure: String,
    pub(super) grams: Figure,
    pub(super) ounces: Figure,
}

impl Detail {
    pub(super) fn of(item: &GlobalItem, kept: Option<i64>) -> Self {
        let mut facts = Vec::new();
        let mut fact =
            |label, value: Option<String>| facts.extend(value.map(|value| (label, value)));
        fact("INCI name", item.inci_name.clone());
        fact("CAS number", item.cas_number.clone());
        fact("Keeps", item.shelf_life_days.map(keeps));
        let capacity = item.capacity.zip(item.capacity_unit.as_deref());
        fact(
            "Holds",
            capacity.map(|(amount, unit)| figures::written(amount, unit).whole()),
        );
        fact("Material", item.container_material.clone());
        fact("Style", item.container_style.clone());
        fact("Colour", item.container_color.clone());
        Self {
            path: path(item),
            save: format!("{HOME}/{}/save-to-inventory", item.id),
            name: item.name.clone(),
            kind: item.item_type.title(),
            icon: icon(item.item_type),
            category: item.category_id.zip(item.category.clone()),
            density: item.density.map(|density| density.to_string()),
            unit: item.unit().name,
            facts,
            aliases: item.aliases().map(str::to_owned).collect(),
            weights: weights(item),
            kept,
        }
    }
}

fn weights(item: &GlobalItem) -> Vec<Weight> {
    let measures = [
        "teaspoon",
        "tablespoon",
        "fluid ounce",
        "cup",
        "liter",
        "gallon",
    ];
    let weigh = |measure: &&Unit, into: &str| {
        let into = Unit::find(into)?;
        let weight = measure
            .convert(Quantity::micros(MICROS), into, item.density)
            .ok()?;
        Some(figures::quantity(tenths(weight), into))
    };
    measures
        .iter()
        .filter_map(|name| Unit::find(name))
        .filter_map(|measure| {
            Some(Weight {
                measure: format!("1 {}", measure.name),
                grams: weigh(&measure, "gram")?,
                ounces: weigh(&measure, "ounce")?,
            })
        })
        .collect()
}

/// Kitchen scales show no more.
fn tenths(amount: Quantity) -> Quantity {
    Quantity::micros((amount.get() + 5_000) / 10_000 * 10_000)
}

#[cfg(test)]
mod tests {
    use super::keeps;

    #[test]
    fn shelf_lives_read_well() {
        let said = [
            (1, "1 day"),
            (30, "30 days"),
            (90, "3 months"),
            (365, "12 months"),
            (1_095, "3 years"),
        ];
        for (days, words) in said {
            assert_eq!(keeps(days), words);
        }
    }
}
