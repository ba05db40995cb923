//! Letters that tell somebody what was done to their account: whoever did not do it reads of it.
use super::IdentityError;
use crate::{
    mail::{self, AccountChange, Letter, To},
    platform::SystemTx,
};

pub(super) async fn tell(
    tx: &mut SystemTx,
    to: To,
    what: AccountChange,
    correlation: &str,
) -> Result<(), IdentityError> {
    let letter = Letter::AccountChanged { what, at: tx.now() };
    mail::send_for_system(tx, correlation, None, to, letter).await?;
    Ok(())
}
