//! Who runs the command, for the list of what operators did.
use batchtrack_core::operators::Actor;
use nix::unistd::{Uid, User};
use std::fs;

pub(crate) fn actor() -> Actor {
    let uid = Uid::current();
    let account = User::from_uid(uid).ok().flatten();
    let account = account.map_or_else(|| uid.to_string(), |user| user.name);
    let machine = fs::read_to_string("/proc/sys/kernel/hostname");
    let machine = machine.unwrap_or_else(|_| "unknown".to_owned());
    Actor {
        user: None,
        name: format!("{account}@{}", machine.trim()),
        correlation: format!("command-{:016x}", getrandom::u64().unwrap_or_default()),
    }
}
