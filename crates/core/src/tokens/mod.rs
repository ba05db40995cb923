//! What programs show instead of a password: tokens that people make for them, and those that apps are
//! given when somebody signs in.
mod access;
pub mod devices;
mod error;
mod model;
mod ops;
mod queries;
mod secret;

pub use self::{
    access::{AccessTokens, Claims},
    error::TokenError,
    model::{ApiToken, Lifetime, NewToken, Whose},
    ops::{Shown, authenticate, create, note_use, revoke},
    queries::list,
    secret::{Presented, Sort},
};
