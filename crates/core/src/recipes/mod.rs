//! What is made from what. A version of a recipe never changes once a batch may have copied it.
mod error;
mod model;
mod ops;
mod queries;
pub mod rules;

pub use self::{
    model::{RecipePage, StockedLine},
    queries::{recipe_page, stocked_lines},
};
pub use self::{
    error::RecipeError,
    model::{LineKind, Recipe, RecipeFilter, RecipeLine, RecipeStatus, RecipeSummary},
    ops::{NewLine, NewRecipe, RecipeCost, cost, create, create_many, delete_unused},
    queries::{ProductCategory, list, lines, product_categories, published, recipe},
};
pub(crate) use queries::{lock_to_start, of_import};
