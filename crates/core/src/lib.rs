//! Everything that is true whoever asks: the rules of BatchTrack, its tables and its events.
//!
//! The rooms below are listed in import order; a room may use those above it and none below
//! (`tests/architecture.rs` holds that). Nothing here knows HTTP.

pub mod kernel;
pub mod schema;

pub mod platform;

pub mod outbox;

pub mod jobs;

pub mod mail;

pub mod identity;
pub mod tiers;

pub mod organizations;
pub mod tokens;

pub mod catalog;
pub mod inventory;
pub mod recipes;

pub mod batches;
pub mod products;

pub mod imports;
pub mod webhooks;

pub mod operators;

pub mod verify;
