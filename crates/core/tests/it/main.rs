//! What core does with a real PostgreSQL and a real Redis.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that can't set up should stop loudly"
)]
#![expect(
    clippy::too_many_lines,
    reason = "a list of all that must be refused, or found, is as long as it is"
)]
mod batches;
mod budgets;
mod catalog;
mod history;
mod idempotency;
mod imports;
mod inventory;
mod items;
mod jobs;
mod lists;
mod mail;
mod maker;
mod missing;
mod operators;
mod organizations;
mod outbox;
mod outbox_keep;
mod outbox_usage;
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
mod wake;
