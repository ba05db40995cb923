//! What is made from what.
pub(crate) mod api;
pub mod wire;
