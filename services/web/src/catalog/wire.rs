//! Entries of the library as `domain/03` 3.5 writes them. Figures are JSON numbers here, as the
//! contract shows them.
use crate::wire::number;
use batchtrack_core::catalog::{GlobalItem, rules};
use serde::Serialize;
use serde_json::Value;

/// What an entry is a form of. There is no table of these, so they have no id.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Named {
    id: Option<i64>,
    name: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Definition {
    id: Option<i64>,
    name: String,
    category: Option<String>,
    inci_name: Option<String>,
    cas_number: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Entry {
    id: i64,
    name: String,
    text: String,
    display_name: String,
    raw_name: String,
    item_type: &'static str,
    ingredient: Definition,
    variation: Named,
    physical_form: Named,
    default_unit: &'static str,
    density: Value,
    category_id: Option<i64>,
    category: Option<String>,
    functions: [String; 0],
    applications: [String; 0],
    aliases: Vec<String>,
    inci_name: Option<String>,
    cas_number: Option<String>,
    default_is_perishable: bool,
    shelf_life_days: Option<i32>,
    capacity: Value,
    capacity_unit: Option<String>,
    container_material: Option<String>,
    container_type: Option<String>,
    container_style: Option<String>,
    container_color: Option<String>,
}

/// One ingredient with the forms of it that were found.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    /// Of its first form.
    id: i64,
    name: String,
    text: String,
    display_name: String,
    item_type: &'static str,
    category: Option<String>,
    forms: Vec<Entry>,
}

impl Entry {
    pub(super) fn of(item: &GlobalItem) -> Self {
        let (ingredient, form) = rules::ingredient_and_form(&item.name);
        Self {
            id: item.id.get(),
            name: item.name.clone(),
            text: item.name.clone(),
            display_name: item.name.clone(),
            raw_name: item.name.clone(),
            item_type: item.item_type.as_str(),
            ingredient: Definition {
                id: None,
                name: ingredient.to_owned(),
                category: item.category.clone(),
                inci_name: item.inci_name.clone(),
                cas_number: item.cas_number.clone(),
            },
            variation: Named {
                id: None,
                name: form.map(str::to_owned),
            },
            physical_form: Named {
                id: None,
                name: None,
            },
            default_unit: item.unit().name,
            density: item.density.map_or(Value::Null, number),
            category_id: item.category_id,
            category: item.category.clone(),
            functions: [],
            applications: [],
            aliases: item.aliases().map(str::to_owned).collect(),
            inci_name: item.inci_name.clone(),
            cas_number: item.cas_number.clone(),
            default_is_perishable: item.shelf_life_days.is_some(),
            shelf_life_days: item.shelf_life_days,
            capacity: item.capacity.map_or(Value::Null, number),
            capacity_unit: item.capacity_unit.clone(),
            container_material: item.container_material.clone(),
            container_type: item.container_type.clone(),
            container_style: item.container_style.clone(),
            container_color: item.container_color.clone(),
        }
    }
}

/// Forms of one ingredient together, in the order in which the first of each was found.
pub(super) fn grouped(items: &[GlobalItem]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for item in items {
        let (name, _) = rules::ingredient_and_form(&item.name);
        let entry = Entry::of(item);
        let same = |group: &&mut Group| group.name == name && group.item_type == entry.item_type;
        match groups.iter_mut().find(same) {
            Some(group) => group.forms.push(entry),
            None => groups.push(Group {
                id: entry.id,
                name: name.to_owned(),
                text: name.to_owned(),
                display_name: name.to_owned(),
                item_type: entry.item_type,
                category: entry.category.clone(),
                forms: vec![entry],
            }),
        }
    }
    groups
}
