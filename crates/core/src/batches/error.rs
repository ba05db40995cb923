use super::{BatchStatus, Shortage};
use crate::{
    inventory::InventoryError,
    kernel::{Fault, Kind, StoreError},
    recipes::RecipeError,
};
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    #[error("There is no such batch.")]
    NoBatch,
    #[error("{name} is archived and can't be made.")]
    Archived { name: String },
    #[error("{name} is a draft. Publish it before making it.")]
    Draft { name: String },
    #[error("{name} has no lines to take from stock.")]
    Empty { name: String },
    #[error("There is not enough of {}. Restock, or start the batch without.", names(.0))]
    Short(Vec<Shortage>),
    #[error("{label} is {} and can't be {verb} any more.", .status.title().to_lowercase())]
    NotInProgress {
        label: String,
        status: BatchStatus,
        verb: &'static str,
    },
    #[error("Say what came of the batch and how much.")]
    NoOutput,
    #[error("The product has {outputs} outputs, more than a batch may have ({most}).")]
    TooManyOutputs { outputs: usize, most: usize },
    #[error(
        "This was recorded by batch {label}, which has moved on since. Undo its last step first."
    )]
    NotTheLastStep { label: String },
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn names(shortages: &[Shortage]) -> String {
    let names: Vec<&str> = shortages.iter().map(|s| s.name.as_str()).collect();
    names.join(", ")
}

impl From<diesel::result::Error> for BatchError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<crate::kernel::money::TooLarge> for BatchError {
    fn from(error: crate::kernel::money::TooLarge) -> Self {
        Self::Inventory(error.into())
    }
}

impl Fault for BatchError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoBatch => Kind::NotFound,
            Self::Archived { .. }
            | Self::Draft { .. }
            | Self::Empty { .. }
            | Self::Short(_)
            | Self::NotInProgress { .. }
            | Self::NotTheLastStep { .. } => Kind::Conflict,
            Self::NoOutput | Self::TooManyOutputs { .. } => Kind::Invalid,
            Self::Inventory(error) => error.kind(),
            Self::Recipe(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoBatch => "batches.no_batch",
            Self::Archived { .. } => "batches.archived_recipe",
            Self::Draft { .. } => "batches.draft_recipe",
            Self::Empty { .. } => "batches.empty_recipe",
            Self::Short(_) => "batches.short",
            Self::NotInProgress { .. } => "batches.not_in_progress",
            Self::NoOutput => "batches.no_output",
            Self::TooManyOutputs { .. } => "batches.too_many_outputs",
            Self::NotTheLastStep { .. } => "batches.not_the_last_step",
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
            Self::Inventory(error) => error.field(),
            Self::Recipe(error) => error.field(),
            Self::NoOutput => Some(Cow::Borrowed("outputs")),
            _ => None,
        }
    }
}
