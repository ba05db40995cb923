mod audit;
pub(super) mod organizations;
mod people;
mod replay;
pub(super) mod stays;

pub use self::{
    audit::{audit, audit_of},
    organizations::{counts, flags, organization, organizations},
    replay::{given_up, organizations_with_events},
    stays::stay,
};
pub(super) use self::{
    audit::{note, note_about, note_acted},
    people::{appoint, is_decided},
    replay::{
        Caused, begin_replays, dead_for_hook, fact_anywhere, facts, given_up_by, lock_hook,
        under_way,
    },
};
