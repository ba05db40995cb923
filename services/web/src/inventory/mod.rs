//! Items, their lots and what happens to them.
mod adjust;
pub(crate) mod api;
mod forms;
pub(crate) mod page_api;
pub(crate) mod pages;
pub(crate) mod views;
pub mod wire;
