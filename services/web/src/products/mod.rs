//! What is sold.
pub(crate) mod api;
mod forms;
pub(crate) mod page_api;
pub(crate) mod pages;
mod views;
pub mod wire;
