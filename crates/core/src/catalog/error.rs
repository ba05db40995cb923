use crate::kernel::{Fault, Kind, StoreError};
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    #[error("There is no such entry in the library.")]
    NoEntry,
    /// One of our own files is wrong; a test reads them all.
    #[error("{file}, line {line}: {what}")]
    File {
        file: &'static str,
        line: u64,
        what: String,
    },
    #[error("can't reach the database: {0}")]
    Connect(#[from] diesel::ConnectionError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for CatalogError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Fault for CatalogError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoEntry => Kind::NotFound,
            Self::File { .. } => Kind::Internal,
            Self::Connect(_) => Kind::Unavailable,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoEntry => "catalog.no_entry",
            Self::File { .. } => "catalog.bad_file",
            Self::Connect(_) => "store.unavailable",
            Self::Store(error) => error.code(),
        }
    }

    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Store(error) => error.detail(),
            other => Cow::Owned(other.to_string()),
        }
    }
}
