use super::super::{
    OperatorError,
    model::{Act, Actor},
    queries,
};
use crate::{mail, platform::SystemDb};

/// Lets letters go to an address again that a mail server had refused for good.
pub async fn lift_suppression(
    system: &SystemDb,
    actor: &Actor,
    address: &str,
) -> Result<(), OperatorError> {
    let mut tx = system.begin().await?;
    if !mail::lift(&mut tx, address).await? {
        return Err(OperatorError::NotSuppressed);
    }
    let subject = address.to_lowercase();
    queries::note(&mut tx, actor, Act::SuppressionLifted, &subject, 1).await?;
    tx.commit().await?;
    Ok(())
}
