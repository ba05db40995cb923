use super::super::{
    OperatorError,
    model::{Act, Actor},
    queries,
};
use crate::{
    platform::SystemDb,
    tiers::{self, TierChange},
};

/// Changes what a tier allows and how much of it, for every organisation that has it.
pub async fn change_tier(
    system: &SystemDb,
    actor: &Actor,
    key: &str,
    change: &TierChange,
) -> Result<(), OperatorError> {
    let mut tx = system.begin().await?;
    let changed = tiers::change_tier(&mut tx, key, change)
        .await
        .map_err(|error| match error.constraint() {
            Some("tiers_name_key") => OperatorError::TierNameTaken,
            _ => OperatorError::Store(error),
        })?;
    if !changed {
        return Err(OperatorError::NoTier);
    }
    queries::note(&mut tx, actor, Act::TierChanged, key, 1).await?;
    tx.commit().await?;
    Ok(())
}
