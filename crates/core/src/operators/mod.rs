//! Those who run the installation: who they are, what they may do about work that failed, and what
//! they did. A right of the platform: it opens no organisation's books.
mod error;
mod model;
mod ops;
mod queries;

pub use self::{
    error::OperatorError,
    model::{Act, Actor, Appointed, Entry, GivenUp, Replayed, Stretch},
    ops::{
        appoint, appoint_once, discard_job, lift_suppression, replay_event, replay_events,
        replay_given_up, replay_one_to_hook, replay_to_hook, retry_job, retry_kind,
    },
    queries::{audit, given_up, organizations_with_events},
};
