//! What every feature error must be able to say about itself, without knowing about HTTP.
use std::borrow::Cow;

/// The sort of trouble, from which the edge derives a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What was sent can't be understood or is against a rule.
    Invalid,
    Unauthenticated,
    Forbidden,
    NotFound,
    /// Well-formed, but not as things stand now.
    Conflict,
    TooLarge,
    Limited,
    Unavailable,
    Internal,
}

/// An error that a person or a program outside may meet.
pub trait Fault: std::error::Error + Send + Sync + 'static {
    fn kind(&self) -> Kind;
    /// Stable, dotted, listed in `docs/problems.md`: clients switch on this and never on the prose.
    fn code(&self) -> &'static str;
    /// The sentence a person may read; it says what to do. Internal faults never get this far.
    fn detail(&self) -> Cow<'static, str> {
        Cow::Owned(self.to_string())
    }
    /// The input field at fault, as it is named on the form and in the API.
    fn field(&self) -> Option<Cow<'static, str>> {
        None
    }
}

/// The one place a driver error is sorted into "theirs" and "ours".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database query failed")]
    Query(#[source] diesel::result::Error),
    #[error("no database connection was free")]
    Pool(#[from] diesel_async::pooled_connection::bb8::RunError),
    #[error("redis failed")]
    Redis(#[from] bb8_redis::redis::RedisError),
    #[error("no redis connection was free")]
    RedisPool(#[from] bb8::RunError<bb8_redis::redis::RedisError>),
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Query(error)
    }
}

impl StoreError {
    /// The name of the constraint that refused a row, for features that can say what it means.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Query(diesel::result::Error::DatabaseError(_, info)) => info.constraint_name(),
            _ => None,
        }
    }

    /// Whether the connection itself was lost, so that nothing was done and another may do better.
    pub fn is_closed(&self) -> bool {
        use diesel::result::{DatabaseErrorKind as Db, Error as E};
        matches!(
            self,
            Self::Query(
                E::DatabaseError(Db::ClosedConnection | Db::UnableToSendCommand, _)
                    | E::BrokenTransactionManager
            )
        )
    }

    fn says(&self, start: &str) -> bool {
        matches!(self, Self::Query(diesel::result::Error::DatabaseError(_, info)) if info.message().starts_with(start))
    }
}

impl Fault for StoreError {
    fn kind(&self) -> Kind {
        use diesel::result::{DatabaseErrorKind as Db, Error as E};
        match self {
            Self::Pool(_)
            | Self::Redis(_)
            | Self::RedisPool(_)
            | Self::Query(E::DatabaseError(
                Db::SerializationFailure | Db::ReadOnlyTransaction,
                _,
            )) => Kind::Unavailable,
            Self::Query(E::DatabaseError(Db::UniqueViolation, _)) => Kind::Conflict,
            Self::Query(E::NotFound) => Kind::NotFound,
            _ if self.is_closed() => Kind::Unavailable,
            // Shutting down, starting up, out of slots, a lock or statement that took too long, two
            // that waited for each other: PostgreSQL will do better in a moment.
            _ if self.says("terminating connection")
                || self.says("the database system is")
                || self.says("canceling statement due to")
                || self.says("deadlock detected")
                || self.says("remaining connection slots")
                || self.says("sorry, too many clients") =>
            {
                Kind::Unavailable
            }
            Self::Query(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self.kind() {
            Kind::NotFound => "store.not_found",
            Kind::Conflict => "store.conflict",
            Kind::Unavailable => "store.unavailable",
            _ => "store.internal",
        }
    }

    fn detail(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self.kind() {
            Kind::NotFound => "There is no such thing here.",
            Kind::Conflict => "Something with that name or number exists already.",
            _ => "",
        })
    }
}
