//! Units of measure and conversion.
pub(crate) mod api;
pub(crate) mod page_api;
pub mod wire;
