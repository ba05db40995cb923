//! How things stand.
pub mod api;
pub(crate) mod pages;
mod views;
