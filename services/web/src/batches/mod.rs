//! Making: batches and their steps.
pub(crate) mod api;
mod complete;
pub(crate) mod page_api;
pub mod wire;
mod forms;
pub(crate) mod pages;
pub(crate) mod views;
