use crate::kernel::{
    Fault, Kind, StoreError,
    ids::{ActionId, ItemId},
    units::ConversionError,
};
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    #[error("There is no such item.")]
    NoItem,
    #[error("There is no such action.")]
    NoAction,
    #[error("There is no such category of ingredients.")]
    NoCategory,
    #[error("There is no such entry in the library.")]
    NoLibraryEntry,
    #[error("There is already an item called “{name}”. Choose another name or restock that one.")]
    NameTaken { name: String },
    /// Amounts are written in the item's unit.
    #[error("Only {available} {unit} of {name} can be taken; {wanted} {unit} are needed.")]
    Short {
        item: ItemId,
        name: String,
        wanted: String,
        available: String,
        unit: String,
        /// Millionths of the base unit, for those who compare.
        wanted_base: i64,
        available_base: i64,
    },
    #[error("The unit “{0}” is not known. Use one such as g, kg, oz, lb, ml, floz or count.")]
    UnknownUnit(String),
    #[error("{name} {source}. {}", remedy(*.source))]
    Conversion {
        item: Option<ItemId>,
        name: String,
        source: ConversionError,
    },
    #[error("The quantity must be above zero.")]
    NotPositive,
    #[error("The quantity is so small that it rounds to nothing.")]
    TooSmall,
    #[error("The amount is too large.")]
    TooLarge,
    #[error("The cost must not be negative.")]
    NegativeCost,
    #[error("The date lies in the future. Enter when it happened.")]
    InTheFuture,
    #[error("The expiry date must lie after the day it was received.")]
    ExpiresBeforeReceipt,
    #[error("The date can't be right. Enter a year between 1900 and 9999.")]
    BadDate,
    #[error("{name} is archived. Restore it first.")]
    Archived { name: String },
    #[error("{name} still has stock. Use it up or dispose of it before archiving.")]
    HasStock { name: String },
    #[error("This has been undone already.")]
    AlreadyUndone,
    #[error("An undo can't be undone. Record the action again instead.")]
    IsReversal,
    #[error("This can't be undone while lot {lot} has been used since. Undo that first.")]
    Depended { lot: String, action: ActionId },
    #[error("This belongs to a batch. Undo it from the batch.")]
    OfBatch,
    #[error("“{kind}” is not something that can be recorded here.")]
    WrongKind { kind: &'static str },
    #[error("The count already matches; nothing was changed.")]
    NothingToDo,
    #[error(transparent)]
    Store(#[from] StoreError),
}

const fn remedy(error: ConversionError) -> &'static str {
    match error {
        ConversionError::MissingDensity => {
            "Add its density to the item, or enter it in the item's own kind of unit."
        }
        ConversionError::Unsupported { .. } => "Choose a unit of the item's own kind.",
        ConversionError::TooLarge => "Enter a smaller quantity.",
    }
}

impl From<diesel::result::Error> for InventoryError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<crate::kernel::money::TooLarge> for InventoryError {
    fn from(_: crate::kernel::money::TooLarge) -> Self {
        Self::TooLarge
    }
}

impl Fault for InventoryError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoItem | Self::NoAction => Kind::NotFound,
            Self::NameTaken { .. }
            | Self::Short { .. }
            | Self::Archived { .. }
            | Self::HasStock { .. }
            | Self::AlreadyUndone
            | Self::IsReversal
            | Self::Depended { .. }
            | Self::OfBatch
            | Self::NothingToDo => Kind::Conflict,
            Self::Store(error) => error.kind(),
            _ => Kind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoItem => "inventory.no_item",
            Self::NoAction => "inventory.no_action",
            Self::NoCategory => "inventory.no_category",
            Self::NoLibraryEntry => "inventory.no_library_entry",
            Self::NameTaken { .. } => "inventory.name_taken",
            Self::Short { .. } => "inventory.short",
            Self::UnknownUnit(_) => "inventory.unknown_unit",
            Self::Conversion {
                source: ConversionError::MissingDensity,
                ..
            } => "inventory.missing_density",
            Self::Conversion { .. } => "inventory.unsupported_conversion",
            Self::NotPositive => "inventory.not_positive",
            Self::TooSmall => "inventory.too_small",
            Self::TooLarge => "inventory.too_large",
            Self::NegativeCost => "inventory.negative_cost",
            Self::InTheFuture => "inventory.in_the_future",
            Self::ExpiresBeforeReceipt => "inventory.expires_before_receipt",
            Self::BadDate => "inventory.bad_date",
            Self::Archived { .. } => "inventory.archived",
            Self::HasStock { .. } => "inventory.has_stock",
            Self::AlreadyUndone => "inventory.already_undone",
            Self::IsReversal => "inventory.is_reversal",
            Self::Depended { .. } => "inventory.depended_on",
            Self::OfBatch => "inventory.of_batch",
            Self::WrongKind { .. } => "inventory.wrong_kind",
            Self::NothingToDo => "inventory.nothing_to_do",
            Self::Store(error) => error.code(),
        }
    }

    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Store(error) => error.detail(),
            other => Cow::Owned(other.to_string()),
        }
    }

    fn field(&self) -> Option<Cow<'static, str>> {
        let field = match self {
            Self::NameTaken { .. } => "name",
            Self::Short { .. } | Self::NotPositive | Self::TooSmall | Self::TooLarge => "quantity",
            Self::UnknownUnit(_) | Self::Conversion { .. } => "unit",
            Self::NoCategory => "category_id",
            Self::NoLibraryEntry => "global_item_id",
            Self::NegativeCost => "cost",
            Self::InTheFuture | Self::BadDate => "received_at",
            Self::ExpiresBeforeReceipt => "expires_at",
            Self::WrongKind { .. } => "change_type",
            _ => return None,
        };
        Some(Cow::Borrowed(field))
    }
}
