//! Claims outbox events and deals with them. Any number of dispatchers may run side by side.
mod measures;
mod pace;
pub mod relay;
mod upkeep;
pub mod work;

use batchtrack_core::platform::SystemDb;
use batchtrack_service::{Context, OpsState, refuse_above_the_fence, serve_ops};

/// Runs until `context.life` ends.
pub async fn serve(context: Context) -> anyhow::Result<()> {
    let system = SystemDb::connect(&context.settings.database, context.clock.clone()).await?;
    let state = OpsState::new(&context, &system, None, Vec::new());
    let work = async {
        if refuse_above_the_fence(&context.life, || system.check_role()).await? {
            tokio::join!(
                relay::run(&context.life, &system),
                upkeep::run(&context.life, &system)
            );
        }
        Ok(())
    };
    // Health is answered from the start, whether or not there is a database yet.
    tokio::try_join!(serve_ops(&context, state), work)?;
    Ok(())
}
