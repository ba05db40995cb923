//! Who somebody is: accounts, passwords, signing up and signing in.
mod error;
mod model;
mod ops;
mod password;
mod queries;
mod rules;

pub(crate) use self::rules::{display_name, initials};
pub use self::{
    error::IdentityError,
    model::{Account, NewAccount, Person, Profile, SignedIn},
    ops::{profile::change_profile, sessions::end_sessions, sign_in::sign_in, sign_up::sign_up},
    password::Passwords,
    queries::person,
    rules::{LONGEST_PASSWORD, SHORTEST_PASSWORD, Username, check_password},
};
