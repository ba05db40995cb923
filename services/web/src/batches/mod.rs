//! Making: batches and their steps.
pub(crate) mod api;
mod complete;
mod forms;
pub(crate) mod page_api;
pub(crate) mod pages;
pub(crate) mod views;
pub mod wire;
