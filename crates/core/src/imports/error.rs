use super::model::Note;
use crate::{
    inventory::InventoryError,
    kernel::{Fault, Kind, StoreError},
    recipes::RecipeError,
};
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("There is no such import.")]
    NoImport,
    #[error("The file is not text in UTF-8. Save it as “CSV UTF-8” and try again.")]
    NotUtf8,
    #[error("The file has no rows below its heading.")]
    Empty,
    #[error("The file has more than {most} rows. Split it.")]
    TooManyRows { most: usize },
    #[error("The file can't be read as CSV: {0}")]
    Unreadable(String),
    #[error("“{0}” is not a field of such a file.")]
    UnknownField(String),
    #[error("Nothing was imported: {} to mend, the first in line {}: {}", count(.0), line(.0), message(.0))]
    Problems(Vec<Note>),
    #[error("This import has been undone already.")]
    AlreadyUndone,
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn count(notes: &[Note]) -> String {
    match notes.len() {
        1 => "one thing".to_owned(),
        n => format!("{n} things"),
    }
}

fn line(notes: &[Note]) -> u64 {
    notes.first().map_or(1, |note| note.line)
}

fn message(notes: &[Note]) -> &str {
    notes.first().map_or("", |note| &note.message)
}

impl From<diesel::result::Error> for ImportError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Fault for ImportError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoImport => Kind::NotFound,
            Self::AlreadyUndone => Kind::Conflict,
            Self::Inventory(error) => error.kind(),
            Self::Recipe(error) => error.kind(),
            Self::Store(error) => error.kind(),
            _ => Kind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoImport => "imports.no_import",
            Self::NotUtf8 => "imports.not_utf8",
            Self::Empty => "imports.empty",
            Self::TooManyRows { .. } => "imports.too_many_rows",
            Self::Unreadable(_) => "imports.unreadable",
            Self::UnknownField(_) => "imports.unknown_field",
            Self::Problems(_) => "imports.problems",
            Self::AlreadyUndone => "imports.already_undone",
            Self::Inventory(error) => error.code(),
            Self::Recipe(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Inventory(error) => error.detail(),
            Self::Recipe(error) => error.detail(),
            Self::Store(error) => error.detail(),
            other => Cow::Owned(other.to_string()),
        }
    }

    fn field(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::NotUtf8
            | Self::Empty
            | Self::TooManyRows { .. }
            | Self::Unreadable(_)
            | Self::Problems(_) => Some(Cow::Borrowed("file")),
            Self::UnknownField(_) => Some(Cow::Borrowed("mapping")),
            _ => None,
        }
    }
}
