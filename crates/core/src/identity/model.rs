use super::rules::{Username, display_name, initials};
use crate::kernel::{
    ids::{OrganizationId, UserId},
    text::{Email, Name},
    words::words,
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

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

words! {
    /// What somebody proved first.
    pub enum Method {
        Password = "password",
        EmailCode = "email_code",
        Passkey = "passkey",
    }
}

words! {
    /// What an account asks for besides the first proof.
    pub enum SecondFactor {
        /// The code of an authenticator app.
        Totp = "totp",
        /// A code that comes by e-mail.
        Email = "email",
    }
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

/// What came of a first proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    Entered(SignedIn),
    /// It was right, and something else is needed.
    SecondFactor(Halfway),
    /// It was right; but nobody has shown yet that this address is theirs.
    AddressUnproved {
        email: String,
    },
}

/// Somebody who has proved one thing of two. It opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halfway {
    pub user: UserId,
    pub by: Method,
    /// What the account asks for.
    pub second: SecondFactor,
    /// Of the account then: once it has another, this is over too.
    pub session_epoch: i32,
    pub since: DateTime<Utc>,
}

impl Halfway {
    /// What is asked for now: who came by a code that was mailed does not prove the same again.
    pub const fn wanted(&self) -> Wanted {
        match (self.second, self.by) {
            (SecondFactor::Totp, _) => Wanted::Totp,
            (SecondFactor::Email, Method::EmailCode) => Wanted::Password,
            (SecondFactor::Email, _) => Wanted::EmailCode,
        }
    }
}

/// What the second step asks for. A recovery code does in place of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Totp,
    EmailCode,
    Password,
}

/// Somebody with an open account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub user: UserId,
    pub username: String,
    pub email: String,
    /// Whether we know that the address is theirs.
    pub is_proved: bool,
    pub second_factor: Option<SecondFactor>,
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
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) user: UserId,
    pub(super) username: String,
    pub(super) email: String,
    pub(super) password_hash: String,
    /// Whether they have never been in before.
    pub(super) is_first: bool,
    /// Whether we know that the address is theirs.
    pub(super) is_proved: bool,
    pub(super) second_factor: Option<SecondFactor>,
    pub(super) session_epoch: i32,
    /// The oldest organisation they may act in.
    pub(super) organization: Option<OrganizationId>,
}
