use crate::kernel::{Fault, Kind, StoreError};
use std::borrow::Cow;

#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// One sentence for a wrong name, a wrong password and a closed account alike.
    #[error("That name and password do not match an account. Check both and try again.")]
    BadCredentials,
    #[error("That user name is taken. Choose another.")]
    UsernameTaken,
    #[error("There is an account with that e-mail address. Sign in instead.")]
    EmailTaken,
    #[error("A user name has 3 to 64 letters, digits, dots, dashes or underscores.")]
    BadUsername,
    #[error("Use at least 8 characters.")]
    PasswordTooShort,
    #[error("Use at most 128 characters.")]
    PasswordTooLong,
    #[error("Many people are signing in just now. Try again in a few seconds.")]
    Busy,
    #[error("a password could not be hashed: {0}")]
    Hashing(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for IdentityError {
    fn from(error: diesel::result::Error) -> Self {
        let error = StoreError::from(error);
        match error.constraint() {
            Some("users_username_key") => Self::UsernameTaken,
            Some("users_email_key") => Self::EmailTaken,
            _ => Self::Store(error),
        }
    }
}

impl Fault for IdentityError {
    fn kind(&self) -> Kind {
        match self {
            Self::BadCredentials => Kind::Unauthenticated,
            Self::UsernameTaken | Self::EmailTaken => Kind::Conflict,
            Self::BadUsername | Self::PasswordTooShort | Self::PasswordTooLong => Kind::Invalid,
            Self::Busy => Kind::Unavailable,
            Self::Hashing(_) => Kind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::BadCredentials => "identity.bad_credentials",
            Self::UsernameTaken => "identity.username_taken",
            Self::EmailTaken => "identity.email_taken",
            Self::BadUsername => "identity.bad_username",
            Self::PasswordTooShort => "identity.password_too_short",
            Self::PasswordTooLong => "identity.password_too_long",
            Self::Busy => "identity.busy",
            Self::Hashing(_) => "identity.hashing",
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
        let field = match self {
            Self::UsernameTaken | Self::BadUsername => "username",
            Self::EmailTaken => "email",
            Self::PasswordTooShort | Self::PasswordTooLong => "password",
            _ => return None,
        };
        Some(Cow::Borrowed(field))
    }
}
