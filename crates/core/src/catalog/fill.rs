use super::{CatalogError, files::Library, queries};

/// How much of the library changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filled {
    pub categories: usize,
    pub entries: usize,
}

/// Brings the library up to date with our files, as the owner of the tables. What the files do not
/// name is left as it is; a second run changes nothing.
pub async fn fill(owner_url: &str) -> Result<Filled, CatalogError> {
    let library = Library::read()?;
    queries::fill(owner_url, &library).await
}
