//! How things stand.
pub mod api;
