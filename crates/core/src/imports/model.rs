use crate::{
    kernel::{
        ids::{ImportId, UserId},
        words::words,
    },
    schema::imports,
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::BTreeMap;

words! {
    /// What a file is a list of.
    pub enum ImportKind {
        Purchases = "purchases",
        Recipes = "recipes",
    }
}

words! {
    /// What a column may hold.
    pub enum Field {
        Recipe = "recipe",
        YieldQuantity = "yield_quantity",
        YieldUnit = "yield_unit",
        Instructions = "instructions",
        ReceivedAt = "received_at",
        Supplier = "supplier",
        Item = "item",
        Category = "category",
        Quantity = "quantity",
        Unit = "unit",
        TotalCost = "total_cost",
        UnitCost = "unit_cost",
        Density = "density_g_per_ml",
        ExpiresAt = "expires_at",
        Note = "note",
    }
}

/// A file as it came, and which of its columns is which.
#[derive(Debug, Clone)]
pub struct Upload {
    pub kind: ImportKind,
    pub file_name: String,
    pub content: Vec<u8>,
    /// Headings chosen by hand; what is not in here is recognised by its usual names.
    pub mapping: BTreeMap<Field, String>,
}

words! {
    pub enum Severity {
        /// Nothing is taken in while there is one.
        Error = "error",
        Warning = "warning",
    }
}

/// Something to say about one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub severity: Severity,
    /// Of the file, the heading being line 1.
    pub line: u64,
    /// The heading, as it stands in the file; empty for the line as a whole.
    pub column: String,
    pub message: String,
}

/// What would come of a file.
#[derive(Debug, Clone)]
pub struct Preview {
    pub headings: Vec<String>,
    /// Which column was taken for which.
    pub mapping: BTreeMap<Field, String>,
    pub rows: usize,
    /// Receipts or recipes.
    pub things: usize,
    /// Names of items that would be created.
    pub new_items: Vec<String>,
    /// The first lines by their number, cell by cell.
    pub sample: Vec<(u64, Vec<String>)>,
    pub notes: Vec<Note>,
}

impl Preview {
    pub fn has_errors(&self) -> bool {
        self.notes
            .iter()
            .any(|note| note.severity == Severity::Error)
    }
}

/// A file that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = imports, check_for_backend(diesel::pg::Pg))]
pub struct Import {
    pub id: ImportId,
    pub kind: ImportKind,
    pub file_name: String,
    pub row_count: i32,
    /// Items that were not there before, or only in the archive.
    pub created_item_ids: Vec<i64>,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<UserId>,
    pub undone_at: Option<DateTime<Utc>>,
}
