#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "a test that cannot set up should stop loudly, may spawn freely, and tells its story in one go"
)]
mod access;
mod access_again;
mod account;
mod accounts;
mod api;
mod api_bad_input;
mod api_document;
mod api_fuzz;
mod api_story;
mod api_tenancy;
mod auth;
mod catalog;
mod contract;
mod contract_shapes;
mod cors;
mod csrf;
mod devices;
mod harness;
mod idempotency;
mod imports;
mod limits;
mod locust;
mod mail;
mod operator;
mod organization;
mod pages;
mod redis_proxy;
mod refused_forms;
mod security_headers;
mod sessions;
mod sessions_list;
mod shapes;
mod statements;
mod throttle;
mod tokens;
mod webhooks;
mod words;
