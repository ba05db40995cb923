//! What is sold.
pub(crate) mod api;
pub(crate) mod page_api;
pub mod wire;
