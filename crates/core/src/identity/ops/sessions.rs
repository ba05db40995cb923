use super::super::{IdentityError, queries};
use crate::{kernel::ids::UserId, platform::SystemDb};

/// Makes every session of somebody worthless that began before this moment.
pub async fn end_sessions(db: &SystemDb, user: UserId) -> Result<(), IdentityError> {
    let mut tx = db.begin().await?;
    queries::end_sessions(&mut tx, user).await?;
    tx.commit().await?;
    Ok(())
}
