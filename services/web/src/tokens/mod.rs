//! Tokens that people make for programs, and the signing in of apps.
pub mod api;
pub mod devices;
pub(crate) mod doors;
mod forms;
pub(crate) mod pages;
pub mod wire;
