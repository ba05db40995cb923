//! Facts leave a unit of work with its commit: written beside their cause, in a log that is kept by
//! the day and only ever added to.
//!
//! Who follows the log keeps a position, which is a snapshot and not a number, so a fact that commits
//! late is never skipped. Nothing here notifies anybody within a transaction (that would serialise
//! commits): followers look by themselves, and are woken after the commit.
mod emit;
mod event;
mod fact;
mod follow;
mod keep;
mod lag;
mod position;
mod registry;
mod snapshot;

pub use self::{
    emit::{TOPIC, USAGE, emit, emit_for_system},
    event::{Consumer, NewEvent},
    fact::{Fact, fact},
    follow::{Turn, turn},
    keep::{Rotated, forget_positions, rotate},
    lag::{Lag, lag},
    registry::{Category, Entry, Event},
};
