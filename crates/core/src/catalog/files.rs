//! The files of the library, read and checked before anything is written.
use super::{CatalogError, LibraryType};
use crate::kernel::{Density, Quantity, Unit, text::Name};
use serde::{Deserialize, de::DeserializeOwned};
use std::{fmt::Display, str::FromStr};

const INGREDIENT_CATEGORIES: &str = include_str!("../../catalog/ingredient-categories.csv");
const PRODUCT_CATEGORIES: &str = include_str!("../../catalog/product-categories.csv");
const INGREDIENTS: &str = include_str!("../../catalog/ingredients.csv");
const CONTAINERS: &str = include_str!("../../catalog/containers.csv");

#[derive(Debug, Deserialize)]
struct CategoryLine {
    name: String,
    density_g_per_ml: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductCategory {
    pub(super) name: String,
    pub(super) is_portioned: bool,
}

#[derive(Debug, Deserialize)]
struct IngredientLine {
    name: String,
    category: String,
    unit: String,
    density_g_per_ml: String,
    inci_name: Option<String>,
    cas_number: Option<String>,
    shelf_life_days: Option<i32>,
    aliases: String,
}

#[derive(Debug, Deserialize)]
struct ContainerLine {
    name: String,
    item_type: String,
    unit: String,
    capacity: String,
    capacity_unit: String,
    material: Option<String>,
    r#type: Option<String>,
    style: Option<String>,
    color: Option<String>,
    aliases: String,
}

/// A category and its usual density.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Category {
    pub(super) name: String,
    pub(super) density: Density,
}

/// An entry, with the name of its category.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) item_type: LibraryType,
    pub(super) category: Option<String>,
    pub(super) unit: &'static Unit,
    pub(super) density: Option<Density>,
    pub(super) inci_name: Option<String>,
    pub(super) cas_number: Option<String>,
    pub(super) shelf_life_days: Option<i32>,
    pub(super) aliases: String,
    pub(super) capacity: Option<Quantity>,
    pub(super) capacity_unit: Option<&'static str>,
    pub(super) material: Option<String>,
    pub(super) container_type: Option<String>,
    pub(super) style: Option<String>,
    pub(super) color: Option<String>,
}

/// All that the files say.
#[derive(Debug)]
pub(super) struct Library {
    pub(super) categories: Vec<Category>,
    pub(super) product_categories: Vec<ProductCategory>,
    pub(super) entries: Vec<Entry>,
}

impl Library {
    pub(super) fn read() -> Result<Self, CatalogError> {
        let categories = rows(
            "ingredient-categories.csv",
            INGREDIENT_CATEGORIES,
            |at, line: CategoryLine| {
                Ok(Category {
                    density: at.parse(&line.density_g_per_ml)?,
                    name: at.name(&line.name)?,
                })
            },
        )?;
        let product_categories = rows(
            "product-categories.csv",
            PRODUCT_CATEGORIES,
            |at, line: ProductCategory| {
                at.name(&line.name)?;
                Ok(line)
            },
        )?;
        let mut entries = rows(
            "ingredients.csv",
            INGREDIENTS,
            |at, line: IngredientLine| {
                if !categories
                    .iter()
                    .any(|category| category.name == line.category)
                {
                    return Err(at.wrong(format!("there is no category {}", line.category)));
                }
                ingredient(&at, line)
            },
        )?;
        entries.extend(rows(
            "containers.csv",
            CONTAINERS,
            |at, line: ContainerLine| container(&at, line),
        )?);
        Ok(Self {
            categories,
            product_categories,
            entries,
        })
    }
}

fn ingredient(at: &Place, line: IngredientLine) -> Result<Entry, CatalogError> {
    Ok(Entry {
        name: at.name(&line.name)?,
        item_type: LibraryType::Ingredient,
        category: Some(line.category),
        unit: at.unit(&line.unit)?,
        density: at.optional(&line.density_g_per_ml)?,
        inci_name: line.inci_name,
        cas_number: line.cas_number,
        shelf_life_days: line.shelf_life_days,
        aliases: line.aliases,
        capacity: None,
        capacity_unit: None,
        material: None,
        container_type: None,
        style: None,
        color: None,
    })
}

fn container(at: &Place, line: ContainerLine) -> Result<Entry, CatalogError> {
    let capacity: Option<Quantity> = at.optional(&line.capacity)?;
    let capacity_unit = capacity.map(|_| at.unit(&line.capacity_unit)).transpose()?;
    Ok(Entry {
        name: at.name(&line.name)?,
        item_type: at.parse(&line.item_type)?,
        category: None,
        unit: at.unit(&line.unit)?,
        density: None,
        inci_name: None,
        cas_number: None,
        shelf_life_days: None,
        aliases: line.aliases,
        capacity,
        capacity_unit: capacity_unit.map(|unit| unit.name),
        material: line.material,
        container_type: line.r#type,
        style: line.style,
        color: line.color,
    })
}

/// A line of a file, for saying what is wrong with it.
struct Place {
    file: &'static str,
    line: u64,
}

impl Place {
    fn wrong(&self, what: impl Display) -> CatalogError {
        CatalogError::File {
            file: self.file,
            line: self.line,
            what: what.to_string(),
        }
    }
    fn parse<T: FromStr<Err: Display>>(&self, text: &str) -> Result<T, CatalogError> {
        text.parse()
            .map_err(|error| self.wrong(format!("{text}: {error}")))
    }
    fn optional<T: FromStr<Err: Display>>(&self, text: &str) -> Result<Option<T>, CatalogError> {
        if text.is_empty() {
            Ok(None)
        } else {
            self.parse(text).map(Some)
        }
    }
    fn name(&self, text: &str) -> Result<String, CatalogError> {
        self.parse::<Name>(text).map(Name::into_string)
    }
    fn unit(&self, text: &str) -> Result<&'static Unit, CatalogError> {
        Unit::find(text).ok_or_else(|| self.wrong(format!("there is no unit {text}")))
    }
}

fn rows<L: DeserializeOwned, T>(
    file: &'static str,
    text: &str,
    read: impl Fn(Place, L) -> Result<T, CatalogError>,
) -> Result<Vec<T>, CatalogError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut found = Vec::new();
    for (line, row) in (2..).zip(reader.deserialize()) {
        let at = Place { file, line };
        let row = row.map_err(|error| at.wrong(error))?;
        found.push(read(at, row)?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_of_every_file_makes_sense() {
        let library = Library::read().unwrap();
        assert_eq!(library.categories.len(), 26);
        assert_eq!(library.product_categories.len(), 9);
        assert!(library.entries.len() > 200, "{}", library.entries.len());
        let names: BTreeSet<_> = library
            .entries
            .iter()
            .map(|e| (e.item_type, e.name.to_lowercase()))
            .collect();
        assert_eq!(names.len(), library.entries.len(), "a name stands twice");
        for entry in &library.entries {
            let is_ingredient = entry.item_type == LibraryType::Ingredient;
            assert_eq!(entry.density.is_some(), is_ingredient, "{}", entry.name);
            assert!(
                !entry
                    .aliases
                    .split(';')
                    .any(|alias| !entry.aliases.is_empty() && alias.trim().is_empty()),
                "{}",
                entry.name
            );
        }
    }
}
