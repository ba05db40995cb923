//! Work to be done after the commit: asked for in the transaction of its cause, done by a worker of
//! the dispatcher, at least once.
//!
//! A job's payload lives in core, where anyone may ask for it; how it is done lives in the
//! dispatcher, which has the clients it needs.
pub mod backoff;
mod claim;
mod enqueue;
mod finish;
mod floor;
mod job;
pub mod operate;
mod schedule;
mod workers;

pub use self::{
    claim::{Claimed, Receipt, Wanted, claim, claim_lanes, end_of_lines, release},
    enqueue::{enqueue, enqueue_for_system},
    finish::{Fate, Finished, Flushed, begin, finish, forget_dead, promote},
    floor::{Floor, LineEnd, SLACK, Scan, WHOLE_EVERY},
    job::{Job, NewJob, Queue},
    schedule::{Every, ask_once, slots},
    workers::{Rescued, beat, disown, register, rescue, retire},
};
