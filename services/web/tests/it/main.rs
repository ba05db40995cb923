#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot set up should stop loudly, and may spawn freely"
)]
mod api;
mod api_bad_input;
mod api_document;
mod api_fuzz;
mod api_story;
mod api_tenancy;
mod auth;
mod contract;
mod catalog;
mod contract_shapes;
mod csrf;
mod harness;
mod idempotency;
mod imports;
mod locust;
mod sessions;
mod shapes;
