//! Units of measure and conversion.
pub(crate) mod api;
pub mod wire;
