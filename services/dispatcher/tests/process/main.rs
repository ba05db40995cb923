//! The real binary: how it starts, answers, works and stops.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that can't set up should stop loudly"
)]
mod figures;
mod running;
mod starts;
mod stops;
mod upkeep;
