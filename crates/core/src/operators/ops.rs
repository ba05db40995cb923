//! One verb each, written down with its effect.
mod appoint;
mod jobs;
mod mail;
mod replay;

pub use self::{
    appoint::{appoint, appoint_once},
    jobs::{discard_job, retry_job, retry_kind},
    mail::lift_suppression,
    replay::{replay_event, replay_events, replay_given_up, replay_one_to_hook, replay_to_hook},
};
