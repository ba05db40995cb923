//! Webhooks against receivers that really listen, and a database that really keeps them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that can't set up should stop loudly"
)]
mod arrives;
mod guarded;
mod operator;
mod receiver;
mod replays;
mod shop;
mod trouble;
