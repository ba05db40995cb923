//! What core does with a real PostgreSQL and a real Redis.
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't set up should stop loudly"
)]
mod batches;
mod budgets;
mod catalog;
mod history;
mod idempotency;
mod imports;
mod inventory;
mod lists;
mod maker;
mod outbox;
mod plans;
mod platform;
mod products;
mod races;
mod recipes;
mod refusals;
mod schema;
mod sql;
mod strangers;
mod tenancy;
mod verify;
