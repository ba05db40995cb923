//! Letters, all the way to a mail server.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't set up should stop loudly"
)]
mod desk;
mod kinds;
mod refused;
mod responder;
mod settled;
