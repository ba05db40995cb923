use crate::{
    batches::BatchError,
    inventory::InventoryError,
    kernel::{Fault, Kind, StoreError},
};
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum ProductError {
    #[error("There is no such product.")]
    NoProduct,
    #[error("There is no such SKU.")]
    NoSku,
    #[error("There is no such product category.")]
    NoCategory,
    #[error("There is already a product called “{name}”. Choose another name.")]
    NameTaken { name: String },
    #[error("{product} already comes as {variant}, {size}.")]
    SizeTaken {
        product: String,
        variant: String,
        size: String,
    },
    #[error("The price must not be negative.")]
    NegativePrice,
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for ProductError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Fault for ProductError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoProduct | Self::NoSku => Kind::NotFound,
            Self::NameTaken { .. } | Self::SizeTaken { .. } => Kind::Conflict,
            Self::NoCategory | Self::NegativePrice => Kind::Invalid,
            Self::Batch(error) => error.kind(),
            Self::Inventory(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoProduct => "products.no_product",
            Self::NoSku => "products.no_sku",
            Self::NoCategory => "products.no_category",
            Self::NameTaken { .. } => "products.name_taken",
            Self::SizeTaken { .. } => "products.size_taken",
            Self::NegativePrice => "products.negative_price",
            Self::Batch(error) => error.code(),
            Self::Inventory(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Batch(error) => error.detail(),
            Self::Inventory(error) => error.detail(),
            Self::Store(error) => error.detail(),
            other => Cow::Owned(other.to_string()),
        }
    }

    fn field(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::NameTaken { .. } => Some(Cow::Borrowed("name")),
            Self::SizeTaken { .. } => Some(Cow::Borrowed("size_label")),
            Self::NegativePrice => Some(Cow::Borrowed("retail_price")),
            Self::NoCategory => Some(Cow::Borrowed("category_id")),
            Self::Batch(error) => error.field(),
            Self::Inventory(error) => error.field(),
            _ => None,
        }
    }
}
