mod audit;
mod people;
mod replay;

pub use self::{
    audit::audit,
    replay::{given_up, organizations_with_events},
};
pub(super) use self::{
    audit::note,
    people::{appoint, is_decided},
    replay::{
        Caused, begin_replays, dead_for_hook, fact_anywhere, facts, given_up_by, lock_hook,
        under_way,
    },
};
