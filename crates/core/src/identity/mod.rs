//! Who somebody is: accounts, passwords, signing up and signing in.
mod error;
mod model;
mod ops;
mod password;
mod queries;
mod rules;

pub use self::{
    error::IdentityError,
    model::{Account, NewAccount, NewPerson, Person, Profile, SignedIn},
    ops::{
        confirm::confirm_password, profile::change_profile, sessions::end_sessions,
        sign_in::sign_in, sign_up::sign_up,
    },
    password::Passwords,
    queries::person,
    rules::{LONGEST_PASSWORD, SHORTEST_PASSWORD, Username, check_password},
};
pub(crate) use self::{
    ops::join::{hash_for, insert_person},
    rules::{display_name, initials},
};
