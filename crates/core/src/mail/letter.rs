use super::Sealed;
use crate::kernel::{
    ids::{ItemId, LotId, OrganizationId, UserId, WebhookEndpointId},
    text::Email,
    words::words,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

words! {
    pub enum LetterKind {
        VerifyAddress = "verify_address",
        ResetPassword = "reset_password",
        OneTimeCode = "one_time_code",
        Invitation = "invitation",
        LowStock = "low_stock",
        LotsExpiring = "lots_expiring",
        EndpointDisabled = "endpoint_disabled",
        PaymentFailed = "payment_failed",
        AccountExists = "account_exists",
        ChangeAddress = "change_address",
        AccountChanged = "account_changed",
    }
}

impl LetterKind {
    /// Somebody has asked for it and waits, or it is about the safety of their account: it can't be
    /// unsubscribed from.
    pub const fn is_awaited(self) -> bool {
        matches!(
            self,
            Self::VerifyAddress
                | Self::ResetPassword
                | Self::OneTimeCode
                | Self::Invitation
                | Self::AccountExists
                | Self::ChangeAddress
                | Self::AccountChanged
        )
    }

    /// Those that one may do without.
    pub fn optional() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|kind| !kind.is_awaited())
    }
}

/// Who a letter is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct To {
    pub address: String,
    /// What to call them; may be empty.
    pub name: String,
    /// Whose account it is, where there is one: by that they can say what they want.
    pub user: Option<UserId>,
}

impl To {
    pub fn new(address: &Email, name: impl Into<String>, user: Option<UserId>) -> Self {
        Self {
            address: address.as_str().to_owned(),
            name: name.into(),
            user,
        }
    }
}

/// What a letter says, as ids and plain values; its words are the dispatcher's. Fields are added,
/// never renamed: a letter may have been asked for by an older program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// `token` ends the address of the page that takes it.
    VerifyAddress {
        token: Sealed,
        expires_at: DateTime<Utc>,
    },
    ResetPassword {
        token: Sealed,
        expires_at: DateTime<Utc>,
    },
    OneTimeCode {
        code: Sealed,
        expires_at: DateTime<Utc>,
        /// Whether whoever asked had given the right password before.
        #[serde(default = "yes")]
        after_password: bool,
    },
    Invitation {
        organization: String,
        invited_by: String,
        token: Sealed,
        expires_at: DateTime<Utc>,
    },
    LowStock {
        organization: String,
        items: Vec<LowItem>,
        /// How many more there are than stand in the letter.
        more: u64,
    },
    LotsExpiring {
        organization: String,
        lots: Vec<ExpiringLot>,
        more: u64,
    },
    EndpointDisabled {
        endpoint: WebhookEndpointId,
        url: String,
        failing_since: Option<DateTime<Utc>>,
        /// What the last attempt met, for people.
        last_error: Option<String>,
    },
    PaymentFailed {
        organization: String,
        /// As it is to be read: `29.00 USD`.
        amount: String,
        next_attempt_on: Option<NaiveDate>,
    },
    /// To the owner of an account whose address somebody wanted for another.
    AccountExists {},
    /// To a new address, whether it is theirs.
    ChangeAddress {
        /// Of the account.
        username: String,
        token: Sealed,
        expires_at: DateTime<Utc>,
    },
    /// What was done to an account.
    AccountChanged {
        what: AccountChange,
        at: DateTime<Utc>,
    },
}

const fn yes() -> bool {
    true
}

/// What the owner of an account hears of, in case it was somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AccountChange {
    Password,
    /// To one that is told only in part.
    Address {
        to: String,
    },
    SecondFactorOn,
    SecondFactorOff,
    RecoveryCodeUsed {
        left: i64,
    },
    RecoveryCodesMade,
    PasskeyAdded {
        name: String,
    },
    PasskeyRemoved {
        name: String,
    },
    Deleted,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LowItem {
    pub item: ItemId,
    pub name: String,
    /// Quantities as they are to be read: `250 gram`.
    pub on_hand: String,
    pub threshold: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiringLot {
    pub item: ItemId,
    pub lot: LotId,
    pub name: String,
    pub code: String,
    pub on_hand: String,
    pub expires_on: NaiveDate,
}

impl Letter {
    pub const fn kind(&self) -> LetterKind {
        match self {
            Self::VerifyAddress { .. } => LetterKind::VerifyAddress,
            Self::ResetPassword { .. } => LetterKind::ResetPassword,
            Self::OneTimeCode { .. } => LetterKind::OneTimeCode,
            Self::Invitation { .. } => LetterKind::Invitation,
            Self::LowStock { .. } => LetterKind::LowStock,
            Self::LotsExpiring { .. } => LetterKind::LotsExpiring,
            Self::EndpointDisabled { .. } => LetterKind::EndpointDisabled,
            Self::PaymentFailed { .. } => LetterKind::PaymentFailed,
            Self::AccountExists {} => LetterKind::AccountExists,
            Self::ChangeAddress { .. } => LetterKind::ChangeAddress,
            Self::AccountChanged { .. } => LetterKind::AccountChanged,
        }
    }

    /// When what it brings is worth nothing any more.
    pub const fn expires_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::VerifyAddress { expires_at, .. }
            | Self::ResetPassword { expires_at, .. }
            | Self::OneTimeCode { expires_at, .. }
            | Self::Invitation { expires_at, .. }
            | Self::ChangeAddress { expires_at, .. } => Some(*expires_at),
            Self::LowStock { .. }
            | Self::LotsExpiring { .. }
            | Self::EndpointDisabled { .. }
            | Self::PaymentFailed { .. }
            | Self::AccountExists {}
            | Self::AccountChanged { .. } => None,
        }
    }
}

/// A letter on its way, as its job carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    pub to: To,
    pub organization: Option<OrganizationId>,
    pub letter: Letter,
}
