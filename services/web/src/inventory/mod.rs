//! Items, their lots and what happens to them.
pub(crate) mod api;
pub mod wire;
