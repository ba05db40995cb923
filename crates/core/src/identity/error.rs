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
    #[error("Too many people use this password, and it is tried first. Choose another.")]
    PasswordCommon,
    #[error("That is only your own name or address. Choose another.")]
    PasswordOwn,
    #[error("That is not your current password.")]
    WrongPassword,
    /// For a code that is wrong, one that was used, and one that is too old.
    #[error("That code is not right, or no longer good. Look again, or take a new one.")]
    BadCode,
    #[error("This link was used already, or its time is over. Ask for a new one.")]
    BadLink,
    #[error("That was wrong a few times too often. Try again in a quarter of an hour.")]
    TooManyTries,
    #[error(
        "A letter is on its way already. Wait half a minute before you ask for another; five an hour are sent."
    )]
    TooManyLetters,
    #[error(
        "Confirm your e-mail address first. Sign in on the site to have the letter sent again."
    )]
    AddressUnproved,
    #[error(
        "A code is needed besides the password: of the authenticator app, or one of the recovery codes."
    )]
    SecondFactorNeeded,
    #[error("You have waited too long. Sign in again.")]
    HalfwayOver,
    #[error("That is your address already.")]
    SameAddress,
    #[error("Two-step sign-in is on already. Switch it off first.")]
    SecondFactorOn,
    #[error("Two-step sign-in is off.")]
    SecondFactorOff,
    #[error("Passkeys need a site with a name, and this one is reached by a number.")]
    NoPasskeysHere,
    #[error("That passkey was not accepted. Try again, or use another way to sign in.")]
    BadPasskey,
    #[error("That passkey is registered already.")]
    PasskeyTaken,
    #[error("Ten passkeys are enough. Remove one first.")]
    TooManyPasskeys,
    #[error(
        "You own {0}, where others work too. Hand it over to one of them, or remove them, and come back."
    )]
    OwnsOthers(String),
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
            Some("account_passkeys_credential") => Self::PasskeyTaken,
            _ => Self::Store(error),
        }
    }
}

impl Fault for IdentityError {
    fn kind(&self) -> Kind {
        match self {
            Self::BadCredentials | Self::HalfwayOver | Self::SecondFactorNeeded => {
                Kind::Unauthenticated
            }
            Self::AddressUnproved => Kind::Forbidden,
            Self::UsernameTaken
            | Self::EmailTaken
            | Self::SameAddress
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::NoPasskeysHere
            | Self::PasskeyTaken
            | Self::TooManyPasskeys
            | Self::OwnsOthers(_) => Kind::Conflict,
            Self::BadUsername
            | Self::PasswordTooShort
            | Self::PasswordTooLong
            | Self::PasswordCommon
            | Self::PasswordOwn
            | Self::WrongPassword
            | Self::BadCode
            | Self::BadPasskey => Kind::Invalid,
            Self::BadLink => Kind::NotFound,
            Self::TooManyTries | Self::TooManyLetters => Kind::Limited,
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
            Self::PasswordCommon => "identity.password_common",
            Self::PasswordOwn => "identity.password_own",
            Self::WrongPassword => "identity.wrong_password",
            Self::BadCode => "identity.bad_code",
            Self::BadLink => "identity.bad_link",
            Self::TooManyTries => "identity.too_many_tries",
            Self::TooManyLetters => "identity.too_many_letters",
            Self::HalfwayOver => "identity.halfway_over",
            Self::AddressUnproved => "identity.address_unproved",
            Self::SecondFactorNeeded => "identity.second_factor_needed",
            Self::SameAddress => "identity.same_address",
            Self::SecondFactorOn => "identity.second_factor_on",
            Self::SecondFactorOff => "identity.second_factor_off",
            Self::NoPasskeysHere => "identity.no_passkeys_here",
            Self::BadPasskey => "identity.bad_passkey",
            Self::PasskeyTaken => "identity.passkey_taken",
            Self::TooManyPasskeys => "identity.too_many_passkeys",
            Self::OwnsOthers(_) => "identity.owns_others",
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
            Self::EmailTaken | Self::SameAddress => "email",
            Self::PasswordTooShort
            | Self::PasswordTooLong
            | Self::PasswordCommon
            | Self::PasswordOwn => "password",
            Self::WrongPassword => "current_password",
            Self::BadCode | Self::SecondFactorNeeded => "code",
            _ => return None,
        };
        Some(Cow::Borrowed(field))
    }
}
