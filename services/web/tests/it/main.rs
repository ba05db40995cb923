#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot set up should stop loudly, and may spawn freely"
)]
mod auth;
mod csrf;
mod harness;
mod idempotency;
mod sessions;
mod shapes;
