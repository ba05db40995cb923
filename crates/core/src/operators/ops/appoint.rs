use super::super::{
    OperatorError,
    model::{Actor, Appointed},
    queries,
};
use crate::kernel::{Clock, text::Email};

/// Makes somebody an operator, or ends it, as the owner of the tables.
pub async fn appoint(
    owner_url: &str,
    clock: &Clock,
    actor: &Actor,
    email: &Email,
    is_operator: bool,
) -> Result<Appointed, OperatorError> {
    let now = clock.now();
    match queries::appoint(owner_url, now, actor, email.as_str(), is_operator).await? {
        None => Err(OperatorError::NoSuchPerson),
        Some(true) => Ok(Appointed::Changed),
        Some(false) => Ok(Appointed::AsBefore),
    }
}

/// Makes somebody an operator, unless somebody has decided about them before.
pub async fn appoint_once(
    owner_url: &str,
    clock: &Clock,
    actor: &Actor,
    email: &Email,
) -> Result<Appointed, OperatorError> {
    if queries::is_decided(owner_url, email.as_str()).await? {
        return Ok(Appointed::AsBefore);
    }
    appoint(owner_url, clock, actor, email, true).await
}
