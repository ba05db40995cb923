//! Purchases and recipes from CSV files: looked at first, then taken in whole or not at all, and
//! taken back whole while nothing depends on them.
mod error;
mod model;
mod ops;
mod purchases;
mod queries;
mod recipes;
mod sheet;

pub use self::{
    error::ImportError,
    model::{Field, Import, ImportKind, Note, Preview, Severity, Upload},
    ops::{Imported, preview, run, undo},
    queries::{import, list, receipts, recipes as brought_recipes},
};
