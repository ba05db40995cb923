//! What is sold.
pub(crate) mod api;
pub(crate) mod page_api;
pub mod wire;
mod forms;
pub(crate) mod pages;
mod views;
