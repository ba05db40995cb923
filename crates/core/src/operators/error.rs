use crate::kernel::{Fault, Kind, StoreError, ids::WebhookEndpointId};
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    #[error("There is no such job, or it is done.")]
    NoJob,
    #[error("The job is not dead: there is nothing to decide.")]
    NotDead,
    #[error("There is no such event, or it is no longer kept.")]
    NoEvent,
    #[error("There is nobody with that address.")]
    NoSuchPerson,
    #[error("There is no endpoint {0} that is enabled.")]
    NoEndpoint(WebhookEndpointId),
    #[error("“From” must be before “to”.")]
    EmptyStretch,
    #[error("That address is not suppressed.")]
    NotSuppressed,
    #[error("can't reach the database: {0}")]
    Connect(#[from] diesel::ConnectionError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for OperatorError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Fault for OperatorError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoJob
            | Self::NoEvent
            | Self::NoSuchPerson
            | Self::NoEndpoint(_)
            | Self::NotSuppressed => Kind::NotFound,
            Self::NotDead => Kind::Conflict,
            Self::EmptyStretch => Kind::Invalid,
            Self::Connect(_) => Kind::Unavailable,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoJob => "operators.no_job",
            Self::NotDead => "operators.not_dead",
            Self::NoEvent => "operators.no_event",
            Self::NoSuchPerson => "operators.no_such_person",
            Self::NoEndpoint(_) => "operators.no_endpoint",
            Self::EmptyStretch => "operators.empty_stretch",
            Self::NotSuppressed => "operators.not_suppressed",
            Self::Connect(_) => "store.unavailable",
            Self::Store(error) => error.code(),
        }
    }

    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Store(error) => error.detail(),
            Self::Connect(_) => Cow::Borrowed(""),
            other => Cow::Owned(other.to_string()),
        }
    }
}
