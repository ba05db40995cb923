use super::rules::Username;
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

/// Who signed in, and where they may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    pub user: UserId,
    pub organization: OrganizationId,
}

/// What is known of somebody before they have proved who they are.
pub(super) struct Candidate {
    pub(super) user: UserId,
    pub(super) password_hash: String,
    /// Whether they have never been in before.
    pub(super) is_first: bool,
    /// The oldest organisation they may act in; none for a closed account.
    pub(super) organization: Option<OrganizationId>,
}
