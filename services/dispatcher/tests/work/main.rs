//! The queues at work: what becomes of jobs that are done, fail, hang or lose their worker.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't set up, or a job that is to panic, should do so loudly"
)]
mod errand;
mod fates;
mod leases;
mod registered;
