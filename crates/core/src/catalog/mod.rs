//! What the platform knows and every organisation may use: a library of ingredients and containers,
//! and the categories they stand in. The same for everybody, so there is no fence around it.
//!
//! `batchtrack migrate` and `batchtrack up` fill it from the files in `crates/core/catalog`.
mod error;
mod files;
mod fill;
mod model;
mod queries;
pub mod rules;

pub use self::{
    error::CatalogError,
    fill::{Filled, fill},
    model::{GlobalItem, LibraryCategory, LibraryFilter, LibraryType},
    queries::{Reader, categories, item, kept_as, list, search},
};
