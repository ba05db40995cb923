use crate::{
    inventory::InventoryError,
    kernel::{Fault, Kind, StoreError},
};
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    #[error("There is no such recipe.")]
    NoRecipe,
    #[error("There is already a recipe called “{name}”. Choose another name.")]
    NameTaken { name: String },
    #[error("Add at least one ingredient, with an amount and a unit.")]
    NoIngredients,
    #[error("A recipe may have at most {most} lines.")]
    TooManyLines { most: usize },
    #[error("The yield must be above zero.")]
    NoYield,
    #[error("Line {line}: {source}")]
    Line { line: usize, source: InventoryError },
    #[error("Line {line}: {item} is a {item_type} and can't be used as {kind}.")]
    WrongType {
        line: usize,
        item: String,
        item_type: &'static str,
        kind: &'static str,
    },
    #[error("Line {line}: {item} is listed twice. Add the amounts up in one line.")]
    Twice { line: usize, item: String },
    #[error("There is no such product category.")]
    NoCategory,
    #[error("{name} has been made in a batch that stands. Undo the batch first.")]
    InUse { name: String },
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for RecipeError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Fault for RecipeError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoRecipe => Kind::NotFound,
            Self::NameTaken { .. } | Self::InUse { .. } => Kind::Conflict,
            // An item that isn't there is a mistake in the recipe, not a missing page.
            Self::Line {
                source: InventoryError::NoItem,
                ..
            } => Kind::Invalid,
            Self::Line { source, .. } | Self::Inventory(source) => source.kind(),
            Self::Store(error) => error.kind(),
            _ => Kind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoRecipe => "recipes.no_recipe",
            Self::NameTaken { .. } => "recipes.name_taken",
            Self::NoIngredients => "recipes.no_ingredients",
            Self::TooManyLines { .. } => "recipes.too_many_lines",
            Self::NoYield => "recipes.no_yield",
            Self::WrongType { .. } => "recipes.wrong_type",
            Self::Twice { .. } => "recipes.twice",
            Self::NoCategory => "recipes.no_category",
            Self::InUse { .. } => "recipes.in_use",
            Self::Line { source, .. } | Self::Inventory(source) => source.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Store(error) => error.detail(),
            Self::Line { line, source } => Cow::Owned(format!("Line {line}: {}", source.detail())),
            Self::Inventory(error) => error.detail(),
            other => Cow::Owned(other.to_string()),
        }
    }

    fn field(&self) -> Option<Cow<'static, str>> {
        let field = match self {
            Self::NameTaken { .. } => "name",
            Self::NoIngredients | Self::TooManyLines { .. } => "lines",
            Self::NoYield => "yield_amount",
            Self::NoCategory => "category_id",
            Self::Line { line, source } => {
                let field = source.field().unwrap_or(Cow::Borrowed("item_id"));
                let field = if field == "quantity" {
                    Cow::Borrowed("amount")
                } else {
                    field
                };
                return Some(Cow::Owned(format!("lines[{}].{field}", line - 1)));
            }
            Self::WrongType { line, .. } | Self::Twice { line, .. } => {
                return Some(Cow::Owned(format!("lines[{}].item_id", line - 1)));
            }
            _ => return None,
        };
        Some(Cow::Borrowed(field))
    }
}
