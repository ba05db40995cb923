//! Facts leave a unit of work with its commit: written beside their cause, claimed by consumers.
//!
//! Nothing here notifies anybody (that would serialise commits); consumers poll, row by row, so a
//! fact that commits late is never skipped as it would be behind a cursor on its id.
mod claim;
mod emit;
mod event;
mod registry;

pub use self::{
    claim::{Claimed, Receipt, claim, finish, oldest_due},
    emit::{emit, emit_for_system},
    event::{Consumer, NewEvent},
    registry::{Category, Entry, Event},
};
