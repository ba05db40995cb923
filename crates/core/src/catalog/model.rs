use crate::{
    kernel::{Density, Quantity, Unit, ids::GlobalItemId, words::words},
    schema::{global_items, ingredient_categories},
};
use diesel::prelude::*;

words! {
    /// What an entry of the library is for.
    pub enum LibraryType {
        Ingredient = "ingredient",
        Container = "container",
        Packaging = "packaging",
        Consumable = "consumable",
    }
}

impl LibraryType {
    /// As it reads on a page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ingredient => "Ingredient",
            Self::Container => "Container",
            Self::Packaging => "Packaging",
            Self::Consumable => "Consumable",
        }
    }
}

/// An entry of the library.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = global_items, check_for_backend(diesel::pg::Pg))]
pub struct GlobalItem {
    pub id: GlobalItemId,
    pub name: String,
    pub item_type: LibraryType,
    pub category_id: Option<i64>,
    /// Name of a unit.
    pub default_unit: String,
    pub density: Option<Density>,
    pub inci_name: Option<String>,
    pub cas_number: Option<String>,
    pub shelf_life_days: Option<i32>,
    aliases: String,
    /// In `capacity_unit`.
    pub capacity: Option<Quantity>,
    pub capacity_unit: Option<String>,
    pub container_material: Option<String>,
    pub container_type: Option<String>,
    pub container_style: Option<String>,
    pub container_color: Option<String>,
    #[diesel(select_expression = ingredient_categories::name.nullable())]
    pub category: Option<String>,
}

impl GlobalItem {
    pub fn unit(&self) -> &'static Unit {
        Unit::find(&self.default_unit).unwrap_or_else(|| crate::kernel::Dimension::Count.base())
    }
    /// Other names it goes by.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.aliases
            .split(';')
            .map(str::trim)
            .filter(|alias| !alias.is_empty())
    }
}

/// Which entries a list shows.
#[derive(Debug, Clone, Default)]
pub struct LibraryFilter {
    pub item_type: Option<LibraryType>,
    pub category_id: Option<i64>,
    /// Part of a name or of another name.
    pub search: Option<String>,
}

/// A category of ingredients and its usual density.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = ingredient_categories, check_for_backend(diesel::pg::Pg))]
pub struct LibraryCategory {
    pub id: i64,
    pub name: String,
    pub default_density: Option<Density>,
}
