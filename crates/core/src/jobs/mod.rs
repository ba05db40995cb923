//! Work to be done after the commit: asked for in the transaction of its cause, done by a worker of
//! the dispatcher, at least once.
//!
//! A job's payload lives in core, where anyone may ask for it; how it is done lives in the
//! dispatcher, which has the clients it needs.
pub mod backoff;
mod claim;
mod enqueue;
mod job;
pub mod operate;

pub use self::{
    claim::Claimed,
    enqueue::{enqueue, enqueue_for_system},
    job::{Job, NewJob, Queue},
};
