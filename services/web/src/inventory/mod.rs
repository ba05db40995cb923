//! Items, their lots and what happens to them.
mod adjust;
pub(crate) mod api;
pub(crate) mod page_api;
pub mod wire;
mod forms;
pub(crate) mod pages;
pub(crate) mod views;
