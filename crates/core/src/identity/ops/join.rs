//! Making an account without an organisation, for somebody who joins one.
use super::super::{
    IdentityError, Passwords,
    model::NewPerson,
    queries,
    rules::{Username, check_password},
};
use crate::{kernel::ids::UserId, platform::SystemTx};
use secrecy::ExposeSecret as _;

/// The hash of their password, which has to be a good one. It waits its turn, up to seconds.
pub(crate) async fn hash_for(
    passwords: &Passwords,
    new: &NewPerson,
) -> Result<String, IdentityError> {
    check_password(new.password.expose_secret())?;
    passwords.hash(new.password.clone()).await
}

/// An open account, whose address is proved.
pub(crate) async fn insert_person(
    tx: &mut SystemTx,
    new: &NewPerson,
    password_hash: &str,
) -> Result<UserId, IdentityError> {
    let mut random = [0_u8; 3];
    getrandom::fill(&mut random).map_err(|error| IdentityError::Hashing(error.to_string()))?;
    let username = Username::from_address(&new.email, random);
    queries::insert_person(tx, new, username.as_str(), password_hash).await
}
