//! What is made from what. A version of a recipe never changes once a batch may have copied it.
mod error;
mod model;
mod ops;
mod queries;
pub mod rules;

pub use self::{
    error::RecipeError,
    model::{LineKind, Recipe, RecipeFilter, RecipeLine, RecipeStatus, RecipeSummary},
    ops::{NewLine, NewRecipe, RecipeCost, cost, create, create_many, withdraw},
    queries::{ProductCategory, lines, list, product_categories, published, recipe},
};
pub use self::{
    model::{RecipePage, StockedLine},
    queries::{recipe_page, stocked_lines},
};
pub(crate) use queries::{lock_to_start, of_import};
