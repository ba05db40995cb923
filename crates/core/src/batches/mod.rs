//! Making: a batch takes its ingredients from stock and gives its value to what comes of it.
//!
//! At every moment, value in = value out + value in progress + value lost.
mod error;
mod model;
mod ops;
mod overview;
mod queries;

pub use self::{
    error::BatchError,
    model::{
        Availability, Batch, BatchFilter, BatchLine, BatchOutput, BatchStatus, BatchType, Shortage,
    },
    ops::{
        Completion, OutputLine, Start, Started, availability, cancel, complete, fail, start, undo,
    },
    queries::{batch, batch_by_label, counts, last_step, lines, list, outputs},
};
pub use self::{
    ops::held_against_shelf,
    overview::{BatchBrief, BatchKey, BatchPage, Made, Overview, Step, Week},
    queries::{batch_page, finished, overview, steps},
};
