use super::rules::{Username, display_name, initials};
use crate::kernel::{
    ids::{OrganizationId, UserId},
    text::{Email, Name},
};
use secrecy::SecretString;

/// Someone who wants an account, and an organisation with it.
#[derive(Debug)]
pub struct NewAccount {
    pub organization: Name,
    pub first_name: Name,
    pub last_name: Name,
    pub email: Email,
    /// Left out: made from the address.
    pub username: Option<Username>,
    pub password: SecretString,
    /// By its name in the database of time zones.
    pub timezone: String,
}

/// Someone who wants an account to join an organisation. Their address is proved.
#[derive(Debug)]
pub struct NewPerson {
    pub first_name: Name,
    pub last_name: Name,
    pub email: Email,
    pub password: SecretString,
    /// By its name in the database of time zones.
    pub timezone: String,
}

/// What somebody may change about themselves.
#[derive(Debug)]
pub struct Profile {
    pub first_name: Name,
    pub last_name: Name,
    /// By its name in the database of time zones.
    pub timezone: String,
}

/// What signing up made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub user: UserId,
    pub organization: OrganizationId,
    pub username: String,
}

/// Who signed in, and where they act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    pub user: UserId,
    /// The first that they belong to; none for somebody who belongs nowhere.
    pub organization: Option<OrganizationId>,
    /// Sessions begun under another number are over.
    pub session_epoch: i32,
}

/// Somebody with an open account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub user: UserId,
    pub username: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    /// By its name in the database of time zones.
    pub timezone: String,
    /// Whether they run the installation.
    pub is_operator: bool,
    /// Sessions begun under another number are over.
    pub session_epoch: i32,
}

impl Person {
    /// What to call them.
    pub fn display_name(&self) -> String {
        display_name(&self.first_name, &self.last_name, &self.username)
    }

    /// One or two letters that stand for them.
    pub fn initials(&self) -> String {
        initials(&self.first_name, &self.last_name, &self.username)
    }
}

/// What is known of somebody before they have proved who they are.
pub(super) struct Candidate {
    pub(super) user: UserId,
    pub(super) password_hash: String,
    /// Whether they have never been in before.
    pub(super) is_first: bool,
    pub(super) session_epoch: i32,
    /// The oldest organisation they may act in.
    pub(super) organization: Option<OrganizationId>,
}
