//! What an operator sees of the lines of jobs, and may do about what has died.
mod act;
mod look;
mod minutes;
mod redact;

pub use self::{
    act::{Retried, discard, discard_all, retry, retry_all},
    look::{
        COUNTED, DeadKind, Filter, Line, Shown, State, Worker, dead, dead_kinds, find, lines, list,
        workers,
    },
    minutes::{Ended, Minute, count, forget_minutes, minutes},
    redact::redacted,
};
