//! Webhooks: pages for the owner, and `/api/v1/webhook-…`.
pub(crate) mod api;
mod forms;
pub(crate) mod pages;
mod views;
pub mod wire;
