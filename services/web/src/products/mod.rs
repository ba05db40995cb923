//! What is sold.
pub(crate) mod api;
pub mod wire;
