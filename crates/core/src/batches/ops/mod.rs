//! The steps of a batch, each one transaction.
mod availability;
mod finish;
mod start;
mod undo;

pub use self::{
    availability::{availability, held_against_shelf},
    finish::{Completion, OutputLine, cancel, complete, fail},
    start::{Start, Started, start},
    undo::undo,
};
