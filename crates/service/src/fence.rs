//! No service may see all tenants' rows.
use batchtrack_core::platform::{Lifecycle, db::RoleError};
use std::time::Duration;

const LONGEST: Duration = Duration::from_secs(15);

/// Ends with an error when the role that `check` looks at is above the fence between tenants. Where
/// there is no database to ask it waits for one: `false` when the process is to stop before that.
pub async fn refuse_above_the_fence(
    life: &Lifecycle,
    check: impl AsyncFn() -> Result<(), RoleError>,
) -> Result<bool, RoleError> {
    let mut wait = Duration::from_secs(1);
    loop {
        match check().await {
            Ok(()) => return Ok(true),
            Err(RoleError::Store(error)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "waiting for the database");
            }
            Err(error @ RoleError::AboveTheFence) => return Err(error),
        }
        if !life.pause(wait).await {
            return Ok(false);
        }
        wait = (wait * 2).min(LONGEST);
    }
}
