use super::{address::BadAddress, rules::MOST_ENDPOINTS};
use crate::kernel::{Fault, Kind, StoreError, text::BadText};
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    #[error("There is no such endpoint.")]
    NoEndpoint,
    #[error("There is no such delivery, or the log does not reach back so far.")]
    NoDelivery,
    #[error("There is no such replay.")]
    NoReplay,
    #[error("{0}")]
    Address(#[from] BadAddress),
    #[error("The description {0}.")]
    Description(BadText),
    #[error("There is no event called “{0}”.")]
    UnknownEvent(String),
    #[error(
        "There are {MOST_ENDPOINTS} endpoints already. Delete one that is not needed any more."
    )]
    TooMany,
    #[error("The endpoint is disabled. Enable it first.")]
    Disabled,
    #[error("A test tells of no event. Send another test instead.")]
    WasATest,
    #[error("The event is no longer kept, so it can't be sent again.")]
    EventGone,
    #[error("“From” must be before “to”.")]
    EmptyStretch,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for WebhookError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Fault for WebhookError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoEndpoint | Self::NoDelivery | Self::NoReplay => Kind::NotFound,
            Self::Address(_)
            | Self::Description(_)
            | Self::UnknownEvent(_)
            | Self::EmptyStretch => Kind::Invalid,
            Self::TooMany | Self::Disabled | Self::WasATest | Self::EventGone => Kind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoEndpoint => "webhooks.no_endpoint",
            Self::NoDelivery => "webhooks.no_delivery",
            Self::NoReplay => "webhooks.no_replay",
            Self::Address(_) => "webhooks.bad_address",
            Self::Description(_) => "webhooks.bad_description",
            Self::UnknownEvent(_) => "webhooks.unknown_event",
            Self::TooMany => "webhooks.too_many",
            Self::Disabled => "webhooks.disabled",
            Self::WasATest => "webhooks.was_a_test",
            Self::EventGone => "webhooks.event_gone",
            Self::EmptyStretch => "webhooks.empty_stretch",
            Self::Store(error) => error.code(),
        }
    }

    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Store(error) => error.detail(),
            other => Cow::Owned(other.to_string()),
        }
    }

    fn field(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Address(_) => Some(Cow::Borrowed("url")),
            Self::Description(_) => Some(Cow::Borrowed("description")),
            Self::UnknownEvent(_) => Some(Cow::Borrowed("events")),
            Self::EmptyStretch => Some(Cow::Borrowed("from")),
            _ => None,
        }
    }
}
