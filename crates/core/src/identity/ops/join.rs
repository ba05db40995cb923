//! Making an account without an organisation, for somebody who joins one.
use super::super::{
    AccountDesk, IdentityError,
    model::NewPerson,
    queries,
    rules::{Own, Username, check_password},
    token::random,
};
use crate::{kernel::ids::UserId, platform::SystemTx};
use secrecy::ExposeSecret as _;

/// The hash of their password, which has to be a good one. It waits its turn, up to seconds.
pub(crate) async fn hash_for(desk: &AccountDesk, new: &NewPerson) -> Result<String, IdentityError> {
    let own = Own {
        email: new.email.as_str(),
        username: "",
        first_name: new.first_name.as_str(),
        last_name: new.last_name.as_str(),
    };
    check_password(new.password.expose_secret(), own)?;
    desk.passwords().hash(new.password.clone()).await
}

/// An open account, whose address is proved.
pub(crate) async fn insert_person(
    tx: &mut SystemTx,
    new: &NewPerson,
    password_hash: &str,
) -> Result<UserId, IdentityError> {
    let username = Username::from_address(&new.email, random()?);
    queries::insert_person(tx, new, username.as_str(), password_hash).await
}
