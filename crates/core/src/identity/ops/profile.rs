use super::super::{IdentityError, model::Profile, queries};
use crate::{kernel::ids::UserId, platform::SystemDb};

/// Changes what somebody is called and how they read the clock. People are the platform's, so it
/// holds in every organisation they belong to.
pub async fn change_profile(
    db: &SystemDb,
    user: UserId,
    profile: &Profile,
) -> Result<(), IdentityError> {
    let mut tx = db.begin().await?;
    // A closed account is signed out by its next request anyway.
    queries::change_profile(&mut tx, user, profile).await?;
    tx.commit().await?;
    Ok(())
}
