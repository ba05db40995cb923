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
    #[error("There is no such organisation.")]
    NoOrganization,
    #[error("There is no such plan.")]
    NoTier,
    #[error("There is a plan of that name already.")]
    TierNameTaken,
    #[error("There is no such feature.")]
    NoFlag,
    #[error("Say why. The organisation can read it.")]
    ReasonNeeded,
    #[error("Only operators can do this.")]
    NoOperator,
    #[error("You act as an organisation just now. Stop that first.")]
    StaysAlready,
    #[error("can't reach the database: {0}")]
    Connect(#[from] diesel::ConnectionError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for OperatorError {
    fn from(error: diesel::result::Error) -> Self {
        let error = StoreError::from(error);
        match error.constraint() {
            Some("organizations_tier") => Self::NoTier,
            Some("tiers_name_key") => Self::TierNameTaken,
            Some("organization_flags_flag_fkey") => Self::NoFlag,
            Some("organization_flags_organization_id_fkey") => Self::NoOrganization,
            _ => Self::Store(error),
        }
    }
}

impl Fault for OperatorError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoJob
            | Self::NoEvent
            | Self::NoSuchPerson
            | Self::NoEndpoint(_)
            | Self::NotSuppressed
            | Self::NoOrganization
            | Self::NoFlag => Kind::NotFound,
            Self::NotDead | Self::TierNameTaken | Self::StaysAlready => Kind::Conflict,
            Self::EmptyStretch | Self::ReasonNeeded | Self::NoTier => Kind::Invalid,
            Self::NoOperator => Kind::Forbidden,
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
            Self::NoOrganization => "operators.no_organization",
            Self::NoTier => "operators.no_tier",
            Self::TierNameTaken => "operators.tier_name_taken",
            Self::NoFlag => "operators.no_flag",
            Self::ReasonNeeded => "operators.reason_needed",
            Self::NoOperator => "operators.no_operator",
            Self::StaysAlready => "operators.stays_already",
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

    fn field(&self) -> Option<Cow<'static, str>> {
        let field = match self {
            Self::ReasonNeeded => "reason",
            Self::NoTier => "tier",
            Self::TierNameTaken => "name",
            _ => return None,
        };
        Some(Cow::Borrowed(field))
    }
}
