//! One verb each, written down with its effect.
mod appoint;
mod jobs;
mod mail;
mod organizations;
mod replay;
mod stays;
mod tiers;

pub use self::{
    appoint::{appoint, appoint_once},
    jobs::{discard_job, retry_job, retry_kind},
    mail::lift_suppression,
    organizations::{activate, set_flag, set_tier, suspend},
    replay::{replay_event, replay_events, replay_given_up, replay_one_to_hook, replay_to_hook},
    stays::{acted, begin_stay, end_stay},
    tiers::change_tier,
};
