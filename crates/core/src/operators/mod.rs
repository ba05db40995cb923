//! Those who run the installation: who they are, what they may do about work that failed, and what
//! they did. A right of the platform: it opens no organisation's books, unless they act as it, which
//! it can read.
mod error;
mod model;
mod ops;
mod queries;

pub use self::{
    error::OperatorError,
    model::{
        Act, Actor, Appointed, Counts, Entry, FlagRow, GivenUp, OrganizationCard, Replayed, Stay,
        Stretch,
    },
    ops::{
        acted, activate, appoint, appoint_once, begin_stay, change_tier, discard_job, end_stay,
        lift_suppression, replay_event, replay_events, replay_given_up, replay_one_to_hook,
        replay_to_hook, retry_job, retry_kind, set_flag, set_tier, suspend,
    },
    queries::{
        audit, audit_of, counts, flags, given_up, organization, organizations,
        organizations_with_events, stay,
    },
};
