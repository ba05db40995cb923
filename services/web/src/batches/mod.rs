//! Making: batches and their steps.
pub(crate) mod api;
pub mod wire;
